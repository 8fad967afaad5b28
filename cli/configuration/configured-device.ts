import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice as readDevice } from "dynreg/clouds";
import { cloudNamed } from "dynreg/clouds/schemas";
import { configurationSentence } from "dynreg/configuration/sentence";
import type { Device, RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";

/**
 * The device that a configuration is for, read as the firmware does it.
 *
 * @param mac MAC address, for the default device name
 * @throws Failure `bad-configuration` with a sentence for people
 */
export function configuredDevice(configuration: RawConfiguration, mac: string | undefined): Device {
	try {
		return readDevice(configuration, crypto, mac);
	} catch (error) {
		throw withSentence(Failure.from(error), configuration);
	}
}

/**
 * The same failure with a sentence for people, if it is about the configuration.
 *
 * @param configuration says which cloud's rules apply; without it those of each are told
 */
export function withSentence(failure: Failure, configuration?: RawConfiguration): Failure {
	const { phase, code, action, message } = failure;
	if (code !== "bad-configuration") return failure;
	const cloud = configuration && cloudNamed(configuration.cloud);
	return new Failure(phase, code, action, configurationSentence(message, { cloud, phase }), { cause: failure });
}
