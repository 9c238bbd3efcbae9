import { readRows, selectRows } from '../../database/rows'
import { defineLoader } from '../../context/loaders'
import { Partner } from './partner.entity'

/** The caller's own partner; every other one does not exist. */
export const partnerById = defineLoader<string, Partner | null>(async (ctx, ids) => {
  const query = selectRows(ctx.database.reader, Partner, 'row').where('row.id = :id', { id: ctx.viewer.partnerId })
  const [own] = ids.includes(ctx.viewer.partnerId) ? await readRows(query) : []
  return ids.map(id => (own?.id === id ? own : null))
})
