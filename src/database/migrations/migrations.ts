import { Initial1795305600000 } from './0001-initial'
import { Search1795305600001 } from './0002-search'

/** All migrations, in order. */
export const MIGRATIONS = [Initial1795305600000, Search1795305600001]
