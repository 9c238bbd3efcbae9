import { registerEnumType } from 'type-graphql'

export enum OrderDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}

registerEnumType(OrderDirection, {
  name: 'OrderDirection',
  description: 'Which end of a list comes first.',
  valuesConfig: {
    ASC: { description: 'Smallest, oldest, or first in the alphabet first.' },
    DESC: { description: 'Largest, newest, or last in the alphabet first.' },
  },
})
