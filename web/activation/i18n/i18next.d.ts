import 'i18next'
import type en from './texts/en.json'

/** Makes a text that is not there an error of the compiler. */
declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
  }
}
