/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment RetryForm on ProvisionedUser {\n    id\n    email\n    firstName\n    lastName\n    availableActions\n  }\n": typeof types.RetryFormFragmentDoc,
    "\n  mutation Retry($input: RetryActivationInput!) {\n    retryActivation(input: $input) {\n      provisionedUser {\n        ...UserItem\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": typeof types.RetryDocument,
    "\n  fragment UserItem on ProvisionedUser {\n    id\n    broadworksId\n    firstName\n    lastName\n    status\n    lastStatusChange\n    customer {\n      id\n      name\n    }\n    diagnosis {\n      cause\n      fixer\n    }\n    ...RetryForm\n  }\n": typeof types.UserItemFragmentDoc,
    "\n  query User($id: ID!) {\n    provisionedUser(id: $id) {\n      ...UserItem\n    }\n  }\n": typeof types.UserDocument,
    "\n  query Users($filter: ProvisionedUserFilter!, $after: String) {\n    provisionedUsers(filter: $filter, first: 50, after: $after) {\n      edges {\n        node {\n          id\n          ...UserItem\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n": typeof types.UsersDocument,
};
const documents: Documents = {
    "\n  fragment RetryForm on ProvisionedUser {\n    id\n    email\n    firstName\n    lastName\n    availableActions\n  }\n": types.RetryFormFragmentDoc,
    "\n  mutation Retry($input: RetryActivationInput!) {\n    retryActivation(input: $input) {\n      provisionedUser {\n        ...UserItem\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": types.RetryDocument,
    "\n  fragment UserItem on ProvisionedUser {\n    id\n    broadworksId\n    firstName\n    lastName\n    status\n    lastStatusChange\n    customer {\n      id\n      name\n    }\n    diagnosis {\n      cause\n      fixer\n    }\n    ...RetryForm\n  }\n": types.UserItemFragmentDoc,
    "\n  query User($id: ID!) {\n    provisionedUser(id: $id) {\n      ...UserItem\n    }\n  }\n": types.UserDocument,
    "\n  query Users($filter: ProvisionedUserFilter!, $after: String) {\n    provisionedUsers(filter: $filter, first: 50, after: $after) {\n      edges {\n        node {\n          id\n          ...UserItem\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n": types.UsersDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment RetryForm on ProvisionedUser {\n    id\n    email\n    firstName\n    lastName\n    availableActions\n  }\n"): (typeof documents)["\n  fragment RetryForm on ProvisionedUser {\n    id\n    email\n    firstName\n    lastName\n    availableActions\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Retry($input: RetryActivationInput!) {\n    retryActivation(input: $input) {\n      provisionedUser {\n        ...UserItem\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Retry($input: RetryActivationInput!) {\n    retryActivation(input: $input) {\n      provisionedUser {\n        ...UserItem\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment UserItem on ProvisionedUser {\n    id\n    broadworksId\n    firstName\n    lastName\n    status\n    lastStatusChange\n    customer {\n      id\n      name\n    }\n    diagnosis {\n      cause\n      fixer\n    }\n    ...RetryForm\n  }\n"): (typeof documents)["\n  fragment UserItem on ProvisionedUser {\n    id\n    broadworksId\n    firstName\n    lastName\n    status\n    lastStatusChange\n    customer {\n      id\n      name\n    }\n    diagnosis {\n      cause\n      fixer\n    }\n    ...RetryForm\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query User($id: ID!) {\n    provisionedUser(id: $id) {\n      ...UserItem\n    }\n  }\n"): (typeof documents)["\n  query User($id: ID!) {\n    provisionedUser(id: $id) {\n      ...UserItem\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Users($filter: ProvisionedUserFilter!, $after: String) {\n    provisionedUsers(filter: $filter, first: 50, after: $after) {\n      edges {\n        node {\n          id\n          ...UserItem\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Users($filter: ProvisionedUserFilter!, $after: String) {\n    provisionedUsers(filter: $filter, first: 50, after: $after) {\n      edges {\n        node {\n          id\n          ...UserItem\n        }\n      }\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;