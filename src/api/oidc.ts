import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import { ADMIN_NAME, type Authenticate } from './authentication.js';
import { type Role, roles, strongerRole } from './role.js';

/** Whose tokens are accepted. */
export interface OidcOptions {
  /** Address of the identity provider, as it stands in its tokens. */
  readonly issuer: string;
  readonly audience: string;
  /** Name of the claim that holds the role, or a list in which it is. */
  readonly roleClaim: string;
  readonly logger: Logger;
}

// Signatures that need the provider's private key. Shared secrets and unsigned tokens are none of them.
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const REQUEST_MS = 5_000;
/** So much the provider's clock may be ahead: a token that is not valid yet is one. Its end is its end. */
const CLOCK_SECONDS = 30;
const LONGEST_NAME = 100;
// A token without an end could not be taken back.
const NEEDED_CLAIMS = ['exp', 'sub'];
const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Knows the users of an OpenID provider by the JWTs that it signed for our audience. Its keys are read when one is needed,
 * and again when a token names a key that is not among them (at most every 30 s), so that they may be rotated.
 *
 * The authenticator rejects when the provider cannot be reached: its token may well be valid.
 */
export function oidcAuthenticator({ issuer, audience, roleClaim, logger }: OidcOptions): Authenticate {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null;

  function keysOfProvider(): ReturnType<typeof keySet> {
    keys ??= keySet(issuer).catch((error: unknown) => {
      // The next token asks again.
      keys = null;
      throw error;
    });
    return keys;
  }

  return async (token) => {
    if (!JWT_SHAPE.test(token)) return null;
    try {
      const { payload } = await jwtVerify(token, await keysOfProvider(), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SECONDS,
        requiredClaims: NEEDED_CLAIMS,
      });
      const expiresAt = endOf(payload);
      if (expiresAt <= new Date()) {
        logger.info({ subject: payload.sub }, 'a token of the identity provider has ended');
        return null;
      }
      const role = roleOf(payload[roleClaim]);
      if (role === null) {
        logger.info({ subject: payload.sub, roleClaim }, 'a token of the identity provider holds no role');
        return null;
      }
      return {
        id: `oidc:${payload.sub}`,
        name: nameOf(payload),
        role,
        expiresAt,
      };
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) throw error;
      logger.info({ reason: error.code }, 'a token of the identity provider was refused');
      return null;
    }
  };
}

const discoveryShape = z.object({ issuer: z.string(), jwks_uri: z.url() });

async function keySet(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(REQUEST_MS), redirect: 'error' });
  const discovery = discoveryShape.parse(await response.json());
  if (discovery.issuer !== issuer) {
    throw new Error(`OIDC_ISSUER: ${address} names the issuer "${discovery.issuer}", expected "${issuer}"`);
  }
  return createRemoteJWKSet(new URL(discovery.jwks_uri), {
    timeoutDuration: REQUEST_MS,
    [customFetch]: (url, options) => fetch(url, { ...options, redirect: 'error' }),
  });
}

/** The strongest role among the values of the claim, which are written in any case; null for none. */
function roleOf(claim: unknown): Role | null {
  const values = (Array.isArray(claim) ? claim : [claim]).flatMap((value: unknown) =>
    typeof value === 'string' ? [value.toUpperCase()] : [],
  );
  const held = roles.filter((role) => values.includes(role));
  return held.reduce<Role | null>((best, role) => (best === null ? role : strongerRole(best, role)), null);
}

// Users choose their names themselves at many providers, but not their subject.
function nameOf({ preferred_username: userName, email, name, sub }: JWTPayload): string {
  const mayBe = (given: unknown): given is string =>
    typeof given === 'string' && given.trim() !== '' && given.trim().toLowerCase() !== ADMIN_NAME;
  return ([userName, email, name, sub].find(mayBe) ?? `oidc:${sub}`).slice(0, LONGEST_NAME);
}

// The last time that JavaScript can tell.
const LAST_TIME_MS = 8_640_000_000_000_000;

const endOf = ({ exp }: JWTPayload): Date => new Date(Math.min(Number(exp) * 1_000, LAST_TIME_MS));
