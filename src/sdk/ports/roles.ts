/** Roles: what may be done (permissions) and on which sites (data), ROLE-01..06. */

/** The two roles that are always there (ROLE-02). */
export const SUPER_ROLE = 'super';
export const EMPTY_ROLE = 'empty';
export const DEFAULT_ROLE_GROUP = 'default';

export interface RoleGroupRecord {
  readonly id: number;
  readonly name: string;
  readonly builtin: boolean;
  readonly roles: number;
}

export interface RoleRecord {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly groupId: number;
  readonly description: string;
  readonly builtin: boolean;
  readonly permissions: readonly string[];
  /** `all`, or the chosen sites; each stands for what lies below it too. */
  readonly sites: 'all' | readonly { readonly id: number; readonly name: string }[];
  readonly version: number;
  readonly users: number;
  readonly keys: number;
}

/** A role as the door needs it: permissions, and the ids of every site it reaches. */
export interface Grant {
  readonly permissions: readonly string[];
  readonly sites: 'all' | readonly number[];
}

export interface RoleDraft {
  readonly name: string;
  readonly groupId: number;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly sites: 'all' | readonly number[];
}

export interface RoleRepository {
  groups(): Promise<readonly RoleGroupRecord[]>;
  addGroup(name: string): Promise<number>;
  renameGroup(id: number, name: string): Promise<void>;
  deleteGroup(id: number): Promise<void>;
  list(): Promise<readonly RoleRecord[]>;
  /** By name, without regard to case. */
  find(name: string): Promise<RoleRecord | undefined>;
  add(role: RoleDraft, now: number): Promise<number>;
  edit(id: number, role: RoleDraft, now: number): Promise<void>;
  delete(id: number): Promise<void>;
  /** What these roles grant, with the sites below the chosen ones. */
  grants(ids: readonly number[]): Promise<readonly Grant[]>;
  /** Ids and names of sites by name; a name that is missing in the answer does not exist. */
  sitesNamed(names: readonly string[]): Promise<readonly { readonly id: number; readonly name: string }[]>;
}
