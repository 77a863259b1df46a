import { CatalogueView } from './catalogue-view.js'
import { UNREADABLE } from './check-store.js'
import { DurableStore } from './durable-store.js'

/** A process of its own that reads a whole catalogue: if the file is damaged, this one dies of it. */
try {
  const store = DurableStore.openReadOnly(process.argv[2])
  CatalogueView.of(store.load())
  await store.close()
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exitCode = UNREADABLE
}
