import './style.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { startI18n } from './i18n/i18n'

const root = document.getElementById('activation')
if (!root) throw new Error('index.html has no element with the id "activation".')
startI18n()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
