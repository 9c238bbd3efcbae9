import type { PortalLocale } from '../portal-sentences'

/** Texts of a validation mail in one language. `hours` is a quantity with its unit, such as "24 hours". */
export interface ValidationMailTexts {
  subject: string
  greeting(firstName: string): string
  request(partnerName: string): string
  /** Label of the button. */
  button: string
  /** Introduces the URL in the text version, which has no button. */
  openAddress: string
  /** Introduces the URL below the button in the HTML version. */
  copyAddress: string
  validity(hours: string): string
  notAsked: string
  closing: string
}

/** All languages use the formal form of address. */
export const VALIDATION_MAIL_TEXTS: Record<PortalLocale, ValidationMailTexts> = {
  en: {
    subject: 'Confirm your e-mail address for Webex',
    greeting: firstName => `Hello ${firstName},`,
    request: partnerName => `${partnerName} is setting up Webex for you. Please confirm that this e-mail address is yours.`,
    button: 'Confirm e-mail address',
    openAddress: 'To confirm it, open this link in your browser:',
    copyAddress: 'If the button does not work, copy this link into your browser:',
    validity: hours => `The link works for ${hours} and can be used once. If you ask for another mail, use the link in the newest one.`,
    notAsked: 'If you did not ask for this mail, you do not need to do anything: without your confirmation the address is not used.',
    closing: 'Kind regards,',
  },
  it: {
    subject: 'Confermi il Suo indirizzo e-mail per Webex',
    greeting: firstName => `Gentile ${firstName},`,
    request: partnerName => `${partnerName} sta attivando Webex per Lei. La preghiamo di confermare che questo indirizzo e-mail è Suo.`,
    button: 'Conferma l’indirizzo e-mail',
    openAddress: 'Per confermarlo, apra questo link nel browser:',
    copyAddress: 'Se il pulsante non funziona, copi questo link nel browser:',
    validity: hours =>
      `Il link è valido per ${hours} e può essere usato una sola volta. Se richiede un’altra e-mail, usi il link di quella più recente.`,
    notAsked: 'Se non ha richiesto questa e-mail, non deve fare nulla: senza la Sua conferma l’indirizzo non verrà utilizzato.',
    closing: 'Cordiali saluti',
  },
  de: {
    subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse für Webex',
    greeting: firstName => `Guten Tag ${firstName},`,
    request: partnerName => `${partnerName} richtet Webex für Sie ein. Bitte bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört.`,
    button: 'E-Mail-Adresse bestätigen',
    openAddress: 'Öffnen Sie dazu bitte diesen Link in Ihrem Browser:',
    copyAddress: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie bitte diesen Link in Ihren Browser:',
    validity: hours =>
      `Der Link gilt ${hours} und lässt sich einmal verwenden. Wenn Sie eine weitere E-Mail anfordern, verwenden Sie bitte den Link in der neuesten.`,
    notAsked:
      'Falls Sie diese E-Mail nicht angefordert haben, brauchen Sie nichts zu tun: Ohne Ihre Bestätigung wird die Adresse nicht verwendet.',
    closing: 'Mit freundlichen Grüßen',
  },
  fr: {
    subject: 'Veuillez confirmer votre adresse e-mail pour Webex',
    greeting: firstName => `Bonjour ${firstName},`,
    request: partnerName => `${partnerName} configure Webex pour vous. Veuillez confirmer que cette adresse e-mail vous appartient.`,
    button: 'Confirmer l’adresse e-mail',
    openAddress: 'Pour la confirmer, ouvrez ce lien dans votre navigateur\u00A0:',
    copyAddress: 'Si le bouton ne fonctionne pas, copiez ce lien dans votre navigateur\u00A0:',
    validity: hours =>
      `Le lien est valable ${hours} et ne peut être utilisé qu’une seule fois. Si vous demandez un nouveau message, utilisez le lien du plus récent.`,
    notAsked:
      'Si vous n’avez pas demandé ce message, vous n’avez rien à faire\u00A0: sans votre confirmation, l’adresse ne sera pas utilisée.',
    closing: 'Cordialement,',
  },
  es: {
    subject: 'Confirme su dirección de correo electrónico para Webex',
    greeting: firstName => `Hola, ${firstName}:`,
    request: partnerName =>
      `${partnerName} está configurando Webex para usted. Le rogamos que confirme que esta dirección de correo electrónico es suya.`,
    button: 'Confirmar la dirección de correo',
    openAddress: 'Para confirmarla, abra este enlace en su navegador:',
    copyAddress: 'Si el botón no funciona, copie este enlace en su navegador:',
    validity: hours =>
      `El enlace es válido durante ${hours} y solo se puede usar una vez. Si solicita otro correo, use el enlace del más reciente.`,
    notAsked: 'Si usted no ha solicitado este correo, no tiene que hacer nada: sin su confirmación, la dirección no se utilizará.',
    closing: 'Atentamente,',
  },
}
