import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, rootCertificates } from "node:tls";
import { Failure } from "dynreg/errors";
import type { Phase } from "../../modules/contracts/error.js";
import type { Endpoint } from "../../modules/contracts/host.js";

/**
 * Chain, dates and name are verified before the first byte of data.
 *
 * @throws Failure `certificate-untrusted` when the authority's file cannot be read
 */
export function tlsOptions(endpoint: Endpoint, phase: Phase): ConnectionOptions {
	return {
		host: endpoint.host,
		port: endpoint.port,
		...(isIP(endpoint.host) ? {} : { servername: endpoint.host }),
		ca: endpoint.trust.flatMap((name) => (name === "public" ? rootCertificates : authority(name, phase))),
		minVersion: "TLSv1.2",
		// Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would turn it off.
		rejectUnauthorized: true,
	};
}

function authority(file: string, phase: Phase): string {
	try {
		return readFileSync(file, "utf8");
	} catch (cause) {
		throw new Failure(
			phase,
			"certificate-untrusted",
			"stop",
			`The certificate authority in ca cannot be read (${file}), so no server can be trusted. Check the file's name.`,
			{ cause },
		);
	}
}
