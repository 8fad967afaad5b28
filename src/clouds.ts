/** Written by `npm run docs` from the folders of `modules/clouds/`. Do not edit. */

import { aliyun } from "dynreg/clouds/aliyun/cloud";
import { aws } from "dynreg/clouds/aws/cloud";
import { azure } from "dynreg/clouds/azure/cloud";
import { tencent } from "dynreg/clouds/tencent/cloud";
import { thingsboard } from "dynreg/clouds/thingsboard/cloud";
import { volcengine } from "dynreg/clouds/volcengine/cloud";
import { choice } from "dynreg/configuration/readers";
import type { Cloud, CloudDevice, RawConfiguration } from "../modules/contracts/cloud.js";
import type { Crypto } from "../modules/contracts/host.js";

export { aliyun, aws, azure, tencent, thingsboard, volcengine };

/** The clouds in the image, by the configuration's `cloud`. The first is the default. */
export const clouds = Object.freeze({ tencent, aliyun, aws, azure, thingsboard, volcengine } satisfies Record<
	string,
	Cloud
>);

/**
 * The device of a configuration.
 *
 * @param mac the board's MAC address, for the default device name
 * @throws Failure `bad-configuration`
 */
export const configuredDevice = (
	configuration: RawConfiguration,
	crypto: Crypto,
	mac: string | undefined,
): CloudDevice => {
	const name = choice(configuration, "cloud", Object.keys(clouds).join(" ") as keyof typeof clouds);
	return clouds[name].device(configuration, crypto, mac);
};
