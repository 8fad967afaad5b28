import { readConfiguration } from "dynreg/platform/configuration";
import { authorityResource, certificatesIn } from "dynreg/tls/certificate";
import { File } from "file";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Milliseconds } from "../../../../modules/contracts/host.js";

/** What a simulated board has of its own: random bytes, authorities, and the time at power-up. */

/** From the operating system: the SDK's own sources are unseeded here and begin alike at each start. */
export const random = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(entropy(count));

/** In entropy.c. This shape, and no other, is what xsc makes a call of C. */
function entropy(this: unknown, count: number): ArrayBuffer {
	return native("xs_dynreg_entropy").call(this, count) as ArrayBuffer;
}

/**
 * @param name a file of one or more certificates, PEM or DER, else what it is on a board: a resource
 * @returns DER
 * @throws Error when there is none
 */
export const loadAuthority = (name: string): Uint8Array[] => {
	if (!File.exists(name)) return authorityResource(name);
	const file = new File(name);
	const contents = file.read(ArrayBuffer);
	file.close();
	return certificatesIn(contents);
};

/** What the simulated board's clock is to read instead of the computer's: `now`, UTC in milliseconds since 1970. */
export const clockAtPowerUp = (): Milliseconds | undefined => {
	const { now }: RawConfiguration = readConfiguration();
	return typeof now === "number" ? now : undefined;
};
