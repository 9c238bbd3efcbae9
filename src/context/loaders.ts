import DataLoader from 'dataloader'
import type { Context, Load, Loader } from './context'

/** Declares a batched look-up where its noun lives; each request gets one DataLoader for it. */
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
      loaders.set(loader, dataLoader)
    }
    return dataLoader.load(key)
  }
}

/** The same caller with nothing looked up yet: for what goes on after its request. */
export function withFreshLoaders(ctx: Context): Context {
  const fresh: Context = { ...ctx, load: createLoad(() => fresh) }
  return fresh
}
