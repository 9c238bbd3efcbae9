import 'reflect-metadata'
import { DataSource } from 'typeorm'
import { loadConfig } from './src/config/config'
import { dataSourceOptions } from './src/database/data-source'
import { ENTITIES } from './src/entities'

/** For TypeORM's own command line, on the database that DATABASE_URL names. The server opens its connections in src/database. */
export default new DataSource(dataSourceOptions(loadConfig().database, ENTITIES))
