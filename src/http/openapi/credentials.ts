import {
  account,
  createdCredential,
  credentialList,
  newAccount,
  newCredential,
  rotated,
} from '../schemas.js'
import { type Group, json, type Refusal, SHOWN_ONCE } from './operation.js'

const BODY: readonly Refusal[] = [
  ...(['invalid_body', 'overloaded'] as const),
  ['invalid_body', 413],
  ['invalid_body', 415],
]
const ID = '5f0c1d2e3a4b5968'

export const credentials: Group = {
  tag: 'Accounts and credentials',
  description:
    'An account owns buckets. A secret is shown once, by the call that makes it; the server keeps a ' +
    'digest. A revoked one is refused from the next request on.',
  operations: {
    'POST /v1/accounts': {
      id: 'createAccount',
      summary: 'Make an account',
      body: { required: true, content: json(newAccount, { acme: { name: 'acme' } }) },
      answers: {
        201: {
          description: 'The account and its credential',
          headers: ['NoStore'],
          content: json(account, {
            acme: {
              id: 'a417203958116',
              name: 'acme',
              credentialKey: SHOWN_ONCE,
              credentialId: ID,
            },
          }),
        },
      },
      problems: [...BODY, 'invalid_name'],
    },
    'POST /v1/credentials/rotate': {
      id: 'rotateCredential',
      summary: "Replace an account's or root's credential",
      description: 'The one that asks; it stops working with the answer.',
      answers: {
        200: {
          description: 'The new credential',
          headers: ['NoStore'],
          content: json(rotated, { new: { credentialId: ID, credentialKey: SHOWN_ONCE } }),
        },
      },
      problems: ['credential_not_found'],
    },
    'GET /v1/buckets/{id}/credentials': {
      id: 'listCredentials',
      summary: 'List the credentials of a bucket',
      answers: {
        200: {
          description: 'Ids and roles; no secrets',
          content: json(credentialList, {
            one: {
              credentials: [
                { credentialId: ID, role: 'admin', createdAt: '2026-05-01T10:00:00.000Z' },
              ],
            },
          }),
        },
      },
    },
    'POST /v1/buckets/{id}/credentials': {
      id: 'createCredential',
      summary: 'Make a credential of a bucket',
      body: { required: true, content: json(newCredential, { reader: { role: 'read' } }) },
      answers: {
        201: {
          description: 'The credential',
          headers: ['NoStore'],
          content: json(createdCredential, {
            reader: { credentialId: ID, credentialKey: SHOWN_ONCE, role: 'read' },
          }),
        },
      },
      problems: BODY,
    },
    'DELETE /v1/buckets/{id}/credentials/{credentialId}': {
      id: 'deleteCredential',
      summary: 'Revoke a credential of a bucket',
      description: 'Rotate one by making a new one and deleting the old; no key is lost by it.',
      parameters: ['CredentialId'],
      answers: { 204: { description: 'It is refused from now on' } },
      problems: ['credential_not_found'],
    },
  },
}
