import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/activation-client'
import type { UserErrorFragment } from '../api/operations.generated'
import { formatWait } from '../i18n/time-formats'
import type { Portal } from './use-portal'

/** Why something that the user asked for was not done. */
export interface Failure {
  /** By the name of the form's field. */
  fields: Record<string, string>
  /** What is no field's fault; null when all of it is. */
  message: string | null
  /** For the help desk, of the message. */
  code: number | null
}

export interface Submission {
  busy: boolean
  failure: Failure | null
  /** What the form itself finds missing: a sentence by the name of the field. @returns whether there is something */
  refuse: (missing: Record<string, string | false>) => boolean
  /** Sends it unless something is on its way already. @returns the payload when it was done, else null */
  submit: <Payload extends { userErrors: UserErrorFragment[] }>(send: () => Promise<Payload | null>) => Promise<Payload | null>
}

/** One thing that the user can ask for. `fields` are the names of the form's fields, to which errors of the server may belong. */
export function useSubmission(portal: Pick<Portal, 'signOut' | 'refresh'>, fields: string[] = []): Submission {
  const { t, i18n } = useTranslation()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<(Failure & { language: string }) | null>(null)

  function fail(why: Partial<Failure>) {
    setFailure({ fields: {}, message: null, code: null, ...why, language: i18n.language })
  }

  function failWith(errors: UserErrorFragment[]) {
    const ofFields = errors.filter(({ field }) => fields.includes(field?.[0] ?? ''))
    const rest = errors.find(error => !ofFields.includes(error))
    const withCode = ({ message, catalogCode: code }: UserErrorFragment) =>
      code === null ? message : `${message} ${t('failure.code', { code })}`
    fail({
      fields: Object.fromEntries(ofFields.map((error): [string, string] => [error.field?.[0] ?? '', withCode(error)])),
      message: rest?.message ?? (errors.length > 0 ? null : t('failure.failed')),
      code: rest?.catalogCode ?? null,
    })
  }

  function failToReach(error: unknown) {
    const problem = problemOf(error)
    if (problem.kind === 'signed-out') portal.signOut(true)
    else if (problem.kind === 'rate-limited') {
      fail({ message: t('failure.rateLimited', { wait: formatWait(problem.until) }) })
    } else fail({ message: t(`failure.${problem.kind}`) })
  }

  return {
    busy,
    // What it says is in the language that it was said in: in another one, better nothing.
    failure: failure?.language === i18n.language ? failure : null,
    refuse(missing) {
      const found = Object.entries(missing).filter((entry): entry is [string, string] => entry[1] !== false)
      if (found.length > 0) fail({ fields: Object.fromEntries(found) })
      return found.length > 0
    },
    async submit(send) {
      if (busy) return null
      setBusy(true)
      setFailure(null)
      try {
        const payload = await send()
        if (payload && payload.userErrors.length === 0) return payload
        failWith(payload?.userErrors ?? [])
        // Another tab has gone on, most likely.
        if (payload?.userErrors.some(({ code }) => code === 'INVALID_STATE')) await portal.refresh()
      } catch (error) {
        failToReach(error)
      } finally {
        setBusy(false)
      }
      return null
    },
  }
}
