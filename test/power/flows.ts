import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { crypto } from "../support/node-crypto.js";
import { identity, type Name, PaperCloud } from "./cloud.js";
import type { PowerlessStorage } from "./storage.js";

/** What a board goes through, life after life. */
export interface Flow {
	readonly title: string;
	readonly lives: readonly FlowLife[];
	/** The board needs room for certificates. */
	readonly certificates?: true;
}

export interface FlowLife {
	readonly configuration: RawConfiguration;
	readonly name: Name;
	/** What happens before it. */
	readonly before?: (cloud: PaperCloud, storage: PowerlessStorage) => void;
	/** Records that this life must leave alone (invariant 10), beside the neighbour's. */
	readonly others?: readonly string[];
}

/** A device whose record lies in the same flash all the time. */
export const neighbour: Name = { platform: "tencent", product: "NEIGHBOUR1", device: "neighbour" };

const secret = "SampleSecretOfTheTests01";
const mqtt = "mqtts://broker.test";

function onTencent(product: string, device: string, register = "https://register.test"): FlowLife {
	return {
		name: { platform: "tencent", product, device },
		configuration: { productId: product, productSecret: secret, deviceName: device, endpoints: { register, mqtt } },
	};
}

function onAliyun(product: string, device: string): FlowLife {
	return {
		name: { platform: "aliyun", product, device },
		configuration: {
			cloud: "aliyun",
			productKey: product,
			productSecret: secret,
			deviceName: device,
			authType: "regnwl",
			endpoints: { mqtt },
		},
	};
}

export const board = onTencent("PRODUCT001", "board-1");
const other = onTencent("PRODUCT002", "board-1");
const renamed = onTencent("PRODUCT001", "another-name-for-the-same-board");
const certified = onTencent("PRODUCT001", "board-1", "https://certificates.test");
export const tokened = onAliyun("a1Product01", "board-1");

/** The first connection with what it has just been given is refused by mistake, so what it has been given is replaced. */
const freshIsRefused = (life: FlowLife): FlowLife => ({ ...life, before: (cloud) => cloud.makeMistakes(1) });

/**
 * What it holds counts no more: ten refusals, and two registrations that are refused until somebody resets the
 * device. Then the first connection with what it has been given is refused by mistake: the two take turns.
 */
const activeIsRefused = (life: FlowLife): FlowLife => ({
	...life,
	before(cloud) {
		cloud.rotate(life.name);
		cloud.resetAfter(2);
		cloud.makeMistakes(1);
	},
});

/** As before, but eight of the ten refusals have been: they are the same for all credentials, and long ones take their time. */
const activeIsRefusedAtLast = (life: FlowLife): FlowLife => ({
	...life,
	before(cloud, storage) {
		activeIsRefused(life).before?.(cloud, storage);
		const vault = openVault(storage, crypto, identity(life.name));
		const held = vault.load()?.credential.secret.reveal();
		for (let refusal = 0; refusal < 8; refusal++) vault.refused();
		cloud.setRefusals(`${identity(life.name)} ${held}`, 8);
	},
});

const backAndForth = (one: FlowLife, another: FlowLife): readonly FlowLife[] => [
	one,
	{ ...another, others: [identity(one.name)] },
	{ ...one, others: [identity(another.name)] },
];

export const flows: readonly Flow[] = [
	{ title: "first registration", lives: [board] },
	{ title: "replacement of a fresh credential", lives: [freshIsRefused(board)] },
	{ title: "replacement of an active credential, taking turns", lives: [board, activeIsRefused(board)] },
	{ title: "change of product and back", lives: backAndForth(board, other) },
	{ title: "change of name and back", lives: backAndForth(board, renamed) },
	{ title: "certificate", lives: [certified], certificates: true },
	{ title: "replacement of a certificate", lives: [certified, activeIsRefusedAtLast(certified)], certificates: true },
	{ title: "token", lives: [tokened] },
	{ title: "replacement of a token", lives: [tokened, activeIsRefusedAtLast(tokened)] },
];

/** The cloud before the first life. */
export function emptyCloud(): string {
	const cloud = new PaperCloud();
	for (const { product } of [board, other].map(({ name }) => name)) cloud.put("tencent", product, secret);
	cloud.put("aliyun", tokened.name.product, secret);
	return cloud.save();
}

/** A flash that has been in use: it holds a neighbour's active credential, and has been written so many times. */
export function used<Model extends PowerlessStorage>(storage: Model, writes: number): Model {
	const vault = openVault(storage, crypto, identity(neighbour));
	vault.commit({ kind: "key", secret: new Secret("a-neighbour") });
	vault.accepted();
	for (let write = 0; write < writes; write++) storage.set("scratch", new Uint8Array(60).fill(write));
	return storage;
}
