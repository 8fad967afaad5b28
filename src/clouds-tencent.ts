import { tencent } from "dynreg/clouds/tencent/cloud";
import { choice } from "dynreg/configuration/readers";
import type { Cloud, Device, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Crypto } from "../modules/contracts/host.js";

/** Replaces `clouds.ts` in an image with this cloud only. */
export const clouds = Object.freeze({ tencent } satisfies Record<string, Cloud>);

/** @throws Failure `bad-configuration`, also if another cloud is configured */
export const configuredDevice = (configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Device => {
	choice(configuration, "cloud", "tencent");
	return tencent.device(configuration, crypto, mac);
};
