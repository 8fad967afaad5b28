/** What the console shows: live events, a device's state, and the vocabulary of its forms. */

import { cloudProfiles } from "dynreg/clouds/profiles";
import { keysOf, productIdKey } from "dynreg/clouds/schemas";
import { eventLimits, type NumberedEvent } from "../console/event-stream.js";
import { fleetSeconds } from "../console/fleet.js";
import { maxReaders } from "../console/server-sent-events.js";
import { type FaultKind, type FaultName, faultKind, faultKinds } from "../faults/fault-kinds.js";
import { ruleKeys, supportsFault } from "../faults/read-rule.js";
import { authMethods, registrationModes } from "../products/product.js";
import { AdminError } from "./admin-error.js";
import { findDevice } from "./devices.js";
import { operation, type StreamedResponse } from "./operation.js";
import {
	anyObject,
	boolean,
	choice,
	described,
	list,
	object,
	optional,
	string,
	wholeNumber,
	wholeNumberText,
} from "./schema.js";

export const getSession = operation({
	method: "GET",
	path: "/session",
	summary: "The token that a web page of this address needs for changes, and where the stream of events is.",
	response: object({ token: string(), epoch: string(), last: wholeNumber("events") }),
	run: ({ token, activity: { events } }) => ({ token, epoch: events.epoch, last: events.last }),
});

export const streamEvents = operation({
	method: "GET",
	path: "/events",
	summary:
		"What happens, as server-sent events. Their ids are numbered without a gap; Last-Event-ID continues after a lost connection.",
	body: object({
		after: described("As `Last-Event-ID`, which has precedence.", optional(string())),
	}),
	run({ readers }, _, { after }): StreamedResponse {
		if (readers.count >= maxReaders)
			throw new AdminError(503, `${maxReaders} programs read the events already. Close a page of the console.`);
		return { stream: (response, lastId) => readers.add(response, lastId ?? after) };
	},
});

/** A stream has no result for code in this process. */
const numbered = { ...anyObject(), read: (_: string, value: unknown) => value as NumberedEvent };

export const getTimeline = operation({
	method: "GET",
	path: "/events/latest",
	summary: "The latest events that match, the newest first.",
	body: object({
		type: optional(choice(["journal", "message", "change"])),
		product: optional(string()),
		device: optional(string()),
		operation: optional(string()),
		verdict: optional(choice(["accepted", "refused", "closed"])),
		before: described(
			"Only older events than the one with this number.",
			optional(wholeNumberText("events", 1, Number.MAX_SAFE_INTEGER)),
		),
		limit: described("Default: 200.", optional(wholeNumberText("events", 1, eventLimits.events))),
	}),
	response: object({ epoch: string(), last: wholeNumber("events"), events: list(numbered) }),
	run({ activity: { events } }, _, { before, limit = 200, ...filter }) {
		const wanted = Object.entries(filter);
		const matches = (event: NumberedEvent): boolean =>
			wanted.every(([key, value]) => matchesText((event as unknown as Record<string, unknown>)[key], value));
		return { epoch: events.epoch, last: events.last, events: events.latest(matches, limit, before) };
	},
});

/** `register` is all operations that begin with `register/`. */
function matchesText(value: unknown, wanted: string | undefined): boolean {
	return value === wanted || (typeof value === "string" && value.startsWith(`${wanted}/`));
}

const second = object({
	at: wholeNumber("seconds"),
	connections: wholeNumber("connections"),
	online: wholeNumber("devices"),
});

export const getFleet = operation({
	method: "GET",
	path: "/fleet",
	summary: "Connections a second and devices online, each second of the last ten minutes.",
	body: object({ seconds: optional(wholeNumberText("seconds", 1, fleetSeconds)) }),
	response: list(second),
	run: ({ activity }, _, { seconds }) => activity.fleet.history(seconds),
});

export const getStateOfDevice = operation({
	method: "GET",
	path: "/products/:platform/:id/devices/:name/state",
	summary: "What the platform keeps of the device: data template, thing model properties, shadow; and its topics.",
	response: object({
		connected: boolean(),
		control: described("The default topic for commands, while the device is connected.", optional(string())),
		dataTemplate: described(
			"Data template (IoT Explorer): the latest values, and commands without a reply.",
			optional(object({ reported: anyObject(), pending: anyObject() })),
		),
		properties: described("Thing model: the latest values.", optional(anyObject())),
		shadow: optional(object({ reported: anyObject(), desired: anyObject(), version: wholeNumber("changes") })),
	}),
	run(context, path) {
		const { device } = findDevice(context, path);
		const session = context.broker.session(device);
		const { dataTemplate, properties, shadow } = device;
		return {
			connected: session !== undefined,
			...(session && { control: session.control }),
			...(dataTemplate && {
				dataTemplate: {
					reported: dataTemplate.reported,
					pending: Object.fromEntries(dataTemplate.pendingCommands),
				},
			}),
			...(properties && { properties }),
			...(shadow && { shadow: { reported: shadow.reported, desired: shadow.desired, version: shadow.version } }),
		};
	},
});

const rule = object({ pattern: string(), violation: string() });

export const getPlatforms = operation({
	method: "GET",
	path: "/platforms",
	summary: "The platforms, and the form of their names and secrets.",
	response: list(
		object({
			name: string(),
			title: string(),
			productIdName: described("What its console calls a product's id.", string()),
			stateTitle: described(
				"What it calls the properties of a device.",
				string(["Data template", "Telemetry", "Thing model", "Device shadow"]),
			),
			auths: list(string(authMethods)),
			registration: object({ default: string(registrationModes), modes: list(string(registrationModes)) }),
			operations: list(string()),
			secretName: described("The key for a device's secret.", string()),
			productId: rule,
			productSecret: rule,
			deviceName: rule,
			deviceSecret: rule,
			hasInstances: boolean(),
		}),
	),
	run: ({ platforms }) =>
		platforms.map(({ name, stateTitle, auths, registration, operations, rules }) => {
			const text = ({ pattern, violation }: { pattern: RegExp; violation: string }) => ({
				pattern: pattern.source,
				violation,
			});
			return {
				name,
				title: cloudProfiles[name].title,
				productIdName: keysOf(name)[productIdKey(name)]?.question?.text ?? name,
				stateTitle,
				auths: [...auths],
				registration: { default: registration.default, modes: [...registration.modes] },
				operations: [...operations],
				secretName: rules.secretName,
				productId: text(rules.productId),
				productSecret: text(rules.productSecret),
				deviceName: text(rules.deviceName),
				deviceSecret: text(rules.deviceSecret),
				hasInstances: rules.instanceId !== undefined,
			};
		}),
});

export const getFaultKinds = operation({
	method: "GET",
	path: "/faults/kinds",
	summary: "Which operations can have which faults, and the parameters of each.",
	response: list(
		object({
			operation: string(),
			fault: string(),
			required: list(string()),
			allowed: list(string()),
			device: described("A rule may name a device.", boolean()),
		}),
	),
	run: ({ faults }) =>
		faults.operations.flatMap((each) =>
			(Object.keys(faultKinds) as FaultName[])
				.filter((fault) => supportsFault(fault, each))
				.map((fault) => {
					const { effects }: FaultKind = faultKind(fault);
					const { requires = [], allows = [] } = effects[each.kind] ?? {};
					return {
						operation: each.name,
						fault,
						required: [...requires],
						allowed: [...allows],
						device: !each.kind.endsWith("port"),
					};
				}),
		),
});

export const getFaultParameters = operation({
	method: "GET",
	path: "/faults/parameters",
	summary: "The keys of a fault rule, and what each expects.",
	response: list(object({ key: string(), type: string(), expected: string() })),
	run: () => Object.entries(ruleKeys).map(([key, { type, expected }]) => ({ key, type, expected })),
});

export const getBroker = operation({
	method: "GET",
	path: "/broker",
	summary: "Whether the broker runs, and whether the cloud is restarting.",
	response: object({ running: boolean(), restarting: boolean() }),
	run: ({ broker, cloud }) => ({ running: broker.running, restarting: cloud.restarting }),
});
