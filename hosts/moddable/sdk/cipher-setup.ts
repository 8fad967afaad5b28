import { BlockCipher } from "crypt";
import GCM from "gcm";
import type { Session } from "securesocket";
import PRF from "ssl/prf";

/**
 * Makes the keys of one direction (RFC 5246, section 6.3; RFC 5288, section 3). Replaces the SDK's (modules/crypt/ssl/ssl_setup.js), which
 * also has DES, RC4 and CBC with their hashes, which no suite of `cipher-suites.ts` needs.
 *
 * @param isClient for what the client sends
 */
export default (session: Session, isClient: boolean): void => {
	const { clientRandom, serverRandom, chosenCipher } = session;
	const { cipherKeySize, saltSize } = chosenCipher;
	const seed = (serverRandom as ArrayBuffer).concat(clientRandom as ArrayBuffer);
	// The client's key, the server's, and then the fixed part of each one's nonce.
	const block = PRF(session, session.masterSecret, "key expansion", seed, 2 * (cipherKeySize + saltSize)).buffer;
	const start = isClient ? 0 : cipherKeySize;
	const salt = 2 * cipherKeySize + (isClient ? 0 : saltSize);
	session[isClient ? "clientCipher" : "serverCipher"] = {
		enc: new GCM(new BlockCipher("AES", block.slice(start, start + cipherKeySize))),
		iv: block.slice(salt, salt + saltSize),
		nonce: 1n,
	};
};
