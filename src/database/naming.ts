import { DefaultNamingStrategy } from 'typeorm'

/** snake_case for columns and tables, the custom of SQL: names need no quotes on PostgreSQL. */
export class SnakeCaseNaming extends DefaultNamingStrategy {
  override tableName(className: string, givenName: string | undefined): string {
    return givenName ?? snakeCase(className)
  }

  override columnName(propertyName: string, givenName: string | undefined): string {
    return givenName ?? snakeCase(propertyName)
  }
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase()
}
