import { readConfiguration } from "dynreg/platform/configuration";
import { certificateResource, parseCertificates } from "dynreg/tls/certificate-files";
import { File } from "file";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Milliseconds } from "../../../../modules/contracts/host.js";

/** A simulated board's random bytes, CA certificates, and time at power-up. */

/** From the operating system, since the SDK's generators are unseeded in the simulator and repeat at each start. */
export const random = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(entropy(count));

/** In entropy.c. xsc compiles exactly this form to a call of C. */
function entropy(this: unknown, count: number): ArrayBuffer {
	return native("xs_dynreg_entropy").call(this, count) as ArrayBuffer;
}

/**
 * @param name a file of one or more certificates, PEM or DER; otherwise a resource, as on a board
 * @returns DER; none if it holds no certificate
 * @throws Error if there is no such file and no such resource
 */
export const loadAuthority = (name: string): Uint8Array[] => {
	if (!File.exists(name)) return certificateResource(name);
	const file = new File(name);
	const contents = file.read(ArrayBuffer);
	file.close();
	return parseCertificates(contents);
};

/** The configured `now` for the simulated clock, instead of the computer's time: UTC in milliseconds since 1970. */
export const clockAtPowerUp = (): Milliseconds | undefined => {
	const { now }: RawConfiguration = readConfiguration();
	return typeof now === "number" ? now : undefined;
};
