import { isIP } from "node:net";
import { type ConnectionOptions, DEFAULT_CIPHERS } from "node:tls";
import type { Endpoint } from "../../modules/contracts/host.js";
import type { Authorities } from "./authorities.js";

/** Chain, dates and name are verified before the first byte of data. */
export function tlsOptions({ host, port }: Endpoint, { certificates }: Authorities): ConnectionOptions {
	return {
		host,
		port,
		...(isIP(host) ? {} : { servername: host }),
		ca: [...certificates],
		// An authority that is trusted need not be the end of a chain.
		allowPartialTrustChain: true,
		minVersion: "TLSv1.2",
		// Level 2: no RSA below 2048 bits, no signature with SHA-1 or MD5 (OpenSSL, SSL_CTX_set_security_level).
		ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=2`,
		// Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
		rejectUnauthorized: true,
	};
}
