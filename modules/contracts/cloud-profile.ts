/**
 * What commands, documents and the local cloud know of a cloud: its keys and all that differs from cloud to cloud.
 *
 * Desktop only: no image links this.
 */

import type { CloudSchema } from "../configuration/schema.js";
import type { Secret } from "../core/secret.js";
import type { CloudMessages } from "../messages/entry.js";
import type { RawConfiguration } from "./cloud.js";
import type { Crypto } from "./host.js";

/** One cloud. `modules/clouds/<name>/profile.ts` exports it as `profile`. */
export interface CloudProfile extends CloudSchema {
	/** Other names of the cloud, in small letters without separators; only for hints. */
	readonly aliases: readonly string[];
	/** The domains of its servers. */
	readonly domains: readonly string[];
	/** How many letters and digits its console's product secrets have; absent if that is not established. */
	readonly productSecretLength?: number;
	/** A device's secret, which people take for the product's; absent if the two cannot be told apart. */
	readonly deviceSecret?: DeviceSecretFormat;
	/** For clouds whose devices have keys that are derived from the product's secret, which stays off the devices. */
	readonly derivedKey?: DerivedKey;
	/** Absent: the platform has one, over the session. */
	readonly timeService?: false;
	readonly roots: readonly RootCertificate[];
	readonly deviceImport: DeviceImport;
	/** Its part of the error catalogue. */
	readonly messages: CloudMessages;
}

/** A profile whose keys the compiler knows by name. */
export type ProfileWith<Keys extends CloudSchema> = Omit<CloudProfile, keyof CloudSchema> & Keys;

export interface DeviceSecretFormat {
	/** A regular expression. */
	readonly pattern: string;
	/** Completes "the value looks like …". */
	readonly description: string;
}

export interface DerivedKey {
	/** Of the configuration. */
	readonly key: string;
	/** The switch with which a device derives its key itself. */
	readonly dangerousSwitch: string;
	/** @param deviceName as configured @throws Error if the secret is none of this cloud's */
	derive(crypto: Crypto, productSecret: Secret, deviceName: string): Secret;
}

/** How its console takes a list of device names. */
export interface DeviceImport {
	/** The first row, where the console's own template is not given. */
	readonly header: string;
	/** Names that it takes at a time. */
	readonly rows: number;
	/** Why a product has no names to import; undefined if it has. */
	unnecessary?(configuration: RawConfiguration): string | undefined;
}

/** A certificate authority that vouches for servers of a platform. */
export interface RootCertificate {
	/** As in `Endpoint.trust`, for those that are private. */
	readonly name: string;
	readonly subject: string;
	/** Which servers, for people: purpose, port, regions. */
	readonly vouchesFor: string;
	/** SHA-256 of the certificate, hexadecimal; for one of them only the first bytes are known. */
	readonly sha256: string;
	/** Last day, ISO 8601. */
	readonly expires: string;
	/** Public roots come with the SDK, under this name, and mostly with Node; private ones from the user. */
	readonly source: { readonly sdk: string } | { readonly publishedAt: string };
}
