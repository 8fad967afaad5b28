import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice as readDevice } from "dynreg/clouds";
import type { Device, RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";

/**
 * The device that a configuration is for, read as the firmware does it.
 *
 * @param mac MAC address, for the default device name
 * @throws Failure `bad-configuration` whose `said` is the sentence for people
 */
export function configuredDevice(configuration: RawConfiguration, mac: string | undefined): Device {
	try {
		return readDevice(configuration, crypto, mac);
	} catch (error) {
		throw withSentence(Failure.from(error), configuration);
	}
}

/**
 * The same failure with the sentence for people as `said`, if it is about the configuration.
 *
 * @param configuration says which cloud's rules apply; without it those of each are told
 */
export function withSentence(failure: Failure, configuration?: RawConfiguration): Failure {
	const { phase, code, action } = failure;
	if (code !== "bad-configuration") return failure;
	return new Failure(phase, code, action, { said: sentence(failure, configuration) });
}
