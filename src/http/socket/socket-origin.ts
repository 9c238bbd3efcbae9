import type { IncomingMessage } from 'node:http'
import type { Platform } from '../../context/context'

/**
 * Whether who wants a WebSocket may have one. Browsers connect pages of any site, without asking by CORS, and say in `Origin` whose page it
 * is: it must be ours, or in CORS_ORIGINS. Who is no browser sends none.
 */
export function isAllowedOrigin({ config, publicUrl }: Pick<Platform, 'config' | 'publicUrl'>, { headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  if (origin === undefined || config.corsOrigins.includes(origin) || origin === new URL(publicUrl()).origin) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

export const BAD_ORIGIN = {
  code: 'FORBIDDEN',
  message: 'The header `Origin` names a site whose pages may not use this server; CORS_ORIGINS lists those that may.',
} as const
