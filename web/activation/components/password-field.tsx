import { useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { useTranslation } from 'react-i18next'
import { FormField } from './form-field'

interface PasswordFieldProps {
  value: string
  onChange: (value: string) => void
}

export function PasswordField(props: PasswordFieldProps) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(false)
  return (
    <FormField {...props} name="password" label={t('signIn.password')} type={shown ? 'text' : 'password'} autoComplete="current-password">
      <Button className="inside" aria-label={t(shown ? 'signIn.hidePassword' : 'signIn.showPassword')} onPress={() => setShown(!shown)}>
        {t(shown ? 'signIn.hide' : 'signIn.show')}
      </Button>
    </FormField>
  )
}
