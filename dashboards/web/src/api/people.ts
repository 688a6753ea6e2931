// Calls about accounts. A password goes out and is kept nowhere.
import { act, request } from './client';
import type {
  Done, Person, PersonChangeRequest, PersonRequest, Token, TokenMade, TokenRequest,
} from './contract';

const path = (name: string, rest = '') => `/people/${encodeURIComponent(name)}${rest}`;

export const peopleApi = {
  list: () => request<Person[]>('/people'),
  add: (body: PersonRequest) => request<unknown>('/people', act('POST', body)),
  change: (name: string, body: PersonChangeRequest) =>
    request<unknown>(path(name), act('PATCH', body)),
  password: (name: string, password: string) =>
    request<Done>(path(name, '/password'), act('POST', { password })),
  ownPassword: (old: string, fresh: string) =>
    request<Done>('/me/password', act('POST', { old, new: fresh })),
  tokens: () => request<Token[]>('/tokens'),
  makeToken: (body: TokenRequest) => request<TokenMade>('/tokens', act('POST', body)),
  removeToken: (id: string) => request<Done>(`/tokens/${encodeURIComponent(id)}`, act('DELETE')),
};
