import { crypto } from "@dynreg/node/internal/crypto";
import { clouds, configuredDevice } from "dynreg/clouds";
import { regionNames as aliyunRegions } from "dynreg/clouds/aliyun/regions";
import { regionNames as tencentRegions } from "dynreg/clouds/tencent/regions";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";

/** The keys of a configuration that are asked for; the product's secret is asked for in another way. */
export const keys = [
	"cloud",
	"productId",
	"productKey",
	"service",
	"instanceId",
	"authType",
	"region",
	"deviceName",
] as const;
export type Key = (typeof keys)[number];

/** What has been answered, as text; the empty text is "leave it at its default". */
export type Answers = Readonly<Partial<Record<Key, string>>>;

/** A question of `dynreg init`. */
export interface Question {
	readonly key: Key;
	/** The option of the command line that answers it. */
	readonly flag: string;
	readonly text: string;
	/** What there is to choose from; the first is the default of the firmware. */
	readonly choices?: readonly string[];
	/** Absent: an answer must be given. */
	readonly otherwise?: string;
}

/** Which flag answers which key. */
export const flags: Readonly<Record<Key, string>> = {
	cloud: "cloud",
	productId: "product",
	productKey: "product",
	service: "service",
	instanceId: "instance",
	authType: "auth-type",
	region: "region",
	deviceName: "device-name",
};

/** The question that comes next, or undefined when everything is answered. */
export function nextQuestion(answers: Answers): Question | undefined {
	return questions(answers).find(({ key }) => answers[key] === undefined);
}

/** All that are asked, given what has been answered. */
function questions(answers: Answers): Question[] {
	const cloud = chosen("cloud", "Cloud", Object.keys(clouds));
	const name: Question = {
		key: "deviceName",
		flag: flags.deviceName,
		text: "Device name (empty: each board's own MAC address)",
		otherwise: "",
	};
	if (answers.cloud === "aliyun")
		return [
			cloud,
			{ key: "productKey", flag: flags.productKey, text: "Product key" },
			chosen("authType", "Registration: of names created beforehand (register), or free of that (regnwl)", [
				"register",
				"regnwl",
			]),
			{ key: "instanceId", flag: flags.instanceId, text: "Id of an instance of your own (empty: none)", otherwise: "" },
			// An instance of one's own has its hosts; the region then decides over registration by HTTPS only.
			...(answers.instanceId ? [] : [chosen("region", "Region", aliyunRegions)]),
			name,
		];
	return [
		cloud,
		{ key: "productId", flag: flags.productId, text: "Product id" },
		chosen("service", "Service: IoT Hub or IoT Explorer", ["hub", "explorer"]),
		chosen("region", "Region", tencentRegions),
		name,
	];
}

function chosen(key: Key, text: string, choices: readonly string[]): Question {
	return { key, flag: flags[key], text, choices, otherwise: choices[0] as string };
}

/** What stands for answers that are still to come: the firmware's rules are about a whole configuration. */
const placeholders: RawConfiguration = { productId: "P", productKey: "P", deviceName: "board-1" };

/**
 * Whether the firmware would take these answers, by its own rules.
 *
 * @param secret the product's, when it is known
 * @returns the sentence that says why not
 */
export function refusal(answers: Answers, secret?: string): string | undefined {
	try {
		const given = secret === undefined ? {} : { productSecret: secret };
		configuredDevice({ ...placeholders, ...configurationOf(answers), ...given }, crypto, undefined);
		return undefined;
	} catch (error) {
		if (error instanceof Failure) return error.message;
		throw error;
	}
}

/** As it is written to the file: what is left at its default is left out, save the cloud. */
export function configurationOf(answers: Answers): RawConfiguration {
	return Object.fromEntries(keys.flatMap((key) => (answers[key] ? [[key, answers[key]]] : [])));
}
