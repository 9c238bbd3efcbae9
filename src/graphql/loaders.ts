import DataLoader from 'dataloader'
import type { Context } from './context'

/** A batched look-up, declared where its noun lives; one DataLoader a request. */
export interface Loader<Key, Value> {
  readonly batch: (context: Context, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>
  readonly options: DataLoader.Options<Key, Value, unknown>
}

export type Load = <Key, Value>(loader: Loader<Key, Value>, key: Key) => Promise<Value>

export function defineLoader<Key, Value>(
  batch: Loader<Key, Value>['batch'],
  options: DataLoader.Options<Key, Value, unknown> = {},
): Loader<Key, Value> {
  return { batch, options }
}

/** The `load` of one request. Call `ctx.load(customerById, id)`. */
export function createLoad(context: () => Context): Load {
  const loaders = new Map<unknown, DataLoader<unknown, unknown, unknown>>()
  return <Key, Value>(loader: Loader<Key, Value>, key: Key) => {
    let dataLoader = loaders.get(loader) as DataLoader<Key, Value, unknown> | undefined
    if (!dataLoader) {
      dataLoader = new DataLoader<Key, Value, unknown>(keys => loader.batch(context(), keys), loader.options)
      loaders.set(loader, dataLoader as DataLoader<unknown, unknown, unknown>)
    }
    return dataLoader.load(key)
  }
}
