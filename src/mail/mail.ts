export interface Mail {
  /** Letters, digits, `_` and `-`, 100 at most. The same mail sent again has the same ID, so that its receiver can tell. */
  id: string
  /** One address, without a name. */
  to: string
  subject: string
  text: string
  html: string
}

/** Where mails go: to a mail server, to a folder of this machine, or nowhere. */
export interface MailTransport {
  readonly kind: 'smtp' | 'outbox' | 'none'
  /**
   * Ends within 25 seconds.
   * @throws MailRefused when it would be refused each time; anything else that is thrown may pass
   */
  send(mail: Mail): Promise<void>
  /** Deletes the mails to these addresses, as far as they are kept here. Answers how many. */
  forget(addresses: ReadonlySet<string>): Promise<number>
  /** Closes the connections; after the last mail. */
  stop(): Promise<void>
}

/** The mail will never be accepted as it is. The message is a sentence without the address. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
