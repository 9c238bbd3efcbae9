import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  status: number
  /** By lower-case name. */
  headers: Record<string, string>
  body: string
}

/** A connection on which anything can be written, HTTP or not. */
export interface RawConnection {
  readonly socket: Socket
  send(...lines: string[]): void
  /** Waits for the other side to end it; answers all that came. */
  received(): Promise<string>
}

export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  // A server may end it before it has read everything.
  socket.on('error', () => undefined)
  socket.setEncoding('utf8').on('data', chunk => (text += String(chunk)))
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  return {
    socket,
    send: (...lines) => void socket.write(lines.join('\r\n')),
    async received() {
      await closed
      return text
    },
  }
}

/** Sends the lines as they are; answers what the server says until it ends the connection. */
export async function sendRaw(url: string, ...lines: string[]): Promise<RawAnswer> {
  const connection = openRaw(url)
  connection.send(...lines)
  return rawAnswer(await connection.received())
}

export function rawAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [start = '', ...lines] = head.split('\r\n')
  const headers = lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
  return {
    status: Number(start.split(' ')[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: rest.join('\r\n\r\n'),
  }
}
