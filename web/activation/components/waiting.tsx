/** That the page is alive and needs nobody. */
export function Waiting({ text }: { text: string }) {
  return (
    <p role="status" className="waiting">
      <span className="spinner" aria-hidden="true" />
      {text}
    </p>
  )
}
