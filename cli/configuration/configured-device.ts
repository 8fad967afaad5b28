import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice as readDevice } from "dynreg/clouds";
import { lifecycleOptions } from "dynreg/configuration/readers";
import type { CloudDevice, RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { timeServers } from "dynreg/time/sntp";
import { invalidKeys } from "./configuration-keys.js";

/**
 * The device that a configuration is for, read as the firmware does it.
 *
 * @param mac MAC address, for the default device name
 * @throws Failure `bad-configuration` whose `said` is the sentence for people
 */
export function configuredDevice(configuration: RawConfiguration, mac: string | undefined): CloudDevice {
	return withSentence(configuration, () => readDevice(configuration, crypto, mac));
}

/**
 * The same, with a look at every key: at those that the firmware reads later or only sometimes, and at those that a
 * board's host reads.
 *
 * @throws Failure `bad-configuration` whose `said` is the sentence for people
 */
export function checkedDevice(configuration: RawConfiguration, mac: string | undefined): CloudDevice {
	const device = withSentence(configuration, () => {
		const read = readDevice(configuration, crypto, mac);
		lifecycleOptions(configuration);
		timeServers(configuration.sntp);
		return read;
	});
	checkKeys(configuration);
	return device;
}

/** @throws Failure `bad-configuration` if any key that is there breaks its rule */
export function checkKeys(configuration: RawConfiguration): void {
	const [invalid] = invalidKeys(configuration);
	if (invalid !== undefined)
		throw new Failure("configuration", "bad-configuration", "needs-attention", { said: invalid.message });
}

function withSentence<T>(configuration: RawConfiguration, read: () => T): T {
	try {
		return read();
	} catch (error) {
		const failure = Failure.from(error);
		if (failure.code !== "bad-configuration") throw failure;
		const said = sentence(failure, configuration);
		throw new Failure("configuration", failure.code, failure.action, { said });
	}
}
