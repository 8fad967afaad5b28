import { derivedKey } from "@dynreg/cloud/internal/platforms/azure/registration";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { crypto } from "../support/node-crypto.js";
import { claim } from "./certificates.js";
import { type DeviceIdentity, InMemoryCloud, identity } from "./in-memory-cloud.js";
import type { CuttableStorage } from "./storage.js";

/** What a board goes through, life after life. */
export interface PowerCutFlow {
	readonly title: string;
	readonly steps: readonly FlowStep[];
	/** The board needs room for certificates. */
	readonly certificates?: true;
}

export interface FlowStep {
	readonly configuration: RawConfiguration;
	readonly name: DeviceIdentity;
	/** What happens before it. */
	readonly before?: (cloud: InMemoryCloud, storage: CuttableStorage) => void;
	/** Records that this life must leave alone (invariant 10), beside the neighbour's. */
	readonly others?: readonly string[];
}

/** A device whose record lies in the same flash all the time. */
export const neighbourDevice: DeviceIdentity = { platform: "tencent", product: "NEIGHBOUR1", device: "neighbour" };

const secret = "SampleSecretOfTheTests01";
const mqtt = "mqtts://broker.test";

function onTencent(product: string, device: string, register = "https://register.test"): FlowStep {
	return {
		name: { platform: "tencent", product, device },
		configuration: { productId: product, productSecret: secret, deviceName: device, endpoints: { register, mqtt } },
	};
}

function onAliyun(product: string, device: string): FlowStep {
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

function onVolcengine(product: string, device: string): FlowStep {
	return {
		name: { platform: "volcengine", product, device },
		configuration: {
			cloud: "volcengine",
			productKey: product,
			productSecret: secret,
			instanceId: "power",
			authType: "no-pre-registration",
			deviceName: device,
			endpoints: { register: "https://register.test", mqtt },
		},
	};
}

function onThingsBoard(product: string, device: string): FlowStep {
	return {
		name: { platform: "thingsboard", product, device },
		configuration: {
			cloud: "thingsboard",
			host: "things.test",
			provisionKey: product,
			productSecret: secret,
			deviceName: device,
		},
	};
}

function onAws(template: string, device: string): FlowStep {
	return {
		name: { platform: "aws", product: template, device },
		configuration: {
			cloud: "aws",
			templateName: template,
			claimCertificate: claim.certificate,
			claimKey: claim.key,
			deviceName: device,
			endpoints: { mqtt },
		},
	};
}

/** At another hub than the name of its server. */
function onAzure(product: string, device: string): FlowStep {
	return {
		name: { platform: "azure", product, device },
		configuration: {
			cloud: "azure",
			idScope: product,
			deviceKey: derivedKey(secret, device),
			deviceName: device,
			endpoints: { register: "https://register.test", mqtt },
		},
	};
}

export const tencentBoard = onTencent("PRODUCT001", "board-1");
const volcengineBoard = onVolcengine("volcProduct01", "board-1");
const other = onTencent("PRODUCT002", "board-1");
const renamed = onTencent("PRODUCT001", "another-name-for-the-same-board");
const certificateBoard = onTencent("PRODUCT001", "board-1", "https://certificates.test");
export const tokenBoard = onAliyun("a1Product01", "board-1");

const claimingBoard = onAws("powerTemplate", "board-1");
const proposingBoard = onThingsBoard("powerProfile", "board-1");
const assignedBoard = onAzure("0ne00000001", "board-1");

/** The first connection with what it has just been given is refused by mistake, so what it has been given is replaced. */
const freshIsRefused = (life: FlowStep): FlowStep => ({ ...life, before: (cloud) => cloud.refuseNext(1) });

/**
 * What it holds counts no more: ten refusals, and two registrations that are refused until a person resets the
 * device. Then the first connection with what it has been given is refused by mistake: the two take turns.
 */
const activeIsRefused = (life: FlowStep): FlowStep => ({
	...life,
	before(cloud) {
		cloud.rotate(life.name);
		cloud.resetAfterRefusals(2);
		cloud.refuseNext(1);
	},
});

/** As before, but eight of the ten refusals have been: they are the same for all credentials, and long ones take their time. */
const activeIsRefusedAtLast = (life: FlowStep): FlowStep => ({
	...life,
	before(cloud, storage) {
		activeIsRefused(life).before?.(cloud, storage);
		const vault = openVault(storage, crypto, identity(life.name));
		const held = vault.load()?.credential.secret.reveal();
		// Each in a life of its own: only the first refusal of a life is written.
		for (let refusal = 0; refusal < 8; refusal++) openVault(storage, crypto, identity(life.name)).refused();
		cloud.setRefusals(`${identity(life.name)} ${held}`, 8);
	},
});

const backAndForth = (one: FlowStep, another: FlowStep): readonly FlowStep[] => [
	one,
	{ ...another, others: [identity(one.name)] },
	{ ...one, others: [identity(another.name)] },
];

export const powerCutFlows: readonly PowerCutFlow[] = [
	{ title: "first registration", steps: [tencentBoard] },
	{ title: "replacement of a fresh credential", steps: [freshIsRefused(tencentBoard)] },
	{ title: "replacement of an active credential, taking turns", steps: [tencentBoard, activeIsRefused(tencentBoard)] },
	{ title: "change of product and back", steps: backAndForth(tencentBoard, other) },
	{ title: "change of name and back", steps: backAndForth(tencentBoard, renamed) },
	{ title: "certificate", steps: [certificateBoard], certificates: true },
	{
		title: "replacement of a certificate",
		steps: [certificateBoard, activeIsRefusedAtLast(certificateBoard)],
		certificates: true,
	},
	{ title: "first registration at Volcengine", steps: [volcengineBoard] },
	{ title: "replacement of a fresh credential at Volcengine", steps: [freshIsRefused(volcengineBoard)] },
	{ title: "proposed credential", steps: [proposingBoard] },
	{ title: "refusal of a proposed credential", steps: [freshIsRefused(proposingBoard)] },
	{ title: "assigned hub", steps: [assignedBoard] },
	{ title: "another registration for an assigned hub", steps: [freshIsRefused(assignedBoard)] },
	{ title: "claimed certificate", steps: [claimingBoard], certificates: true },
	{ title: "replacement of a claimed certificate", steps: [freshIsRefused(claimingBoard)], certificates: true },
	{ title: "token", steps: [tokenBoard] },
	{ title: "replacement of a token", steps: [tokenBoard, activeIsRefusedAtLast(tokenBoard)] },
];

/** The cloud before the first life. */
export function emptyCloud(): string {
	const cloud = new InMemoryCloud();
	for (const { product } of [tencentBoard, other].map(({ name }) => name)) cloud.addProduct("tencent", product, secret);
	for (const { platform, product } of [tokenBoard, volcengineBoard, assignedBoard, proposingBoard].map(
		({ name }) => name,
	))
		cloud.addProduct(platform, product, secret);
	cloud.addProduct("aws", claimingBoard.name.product, claim.key);
	return cloud.save();
}

/** A flash that has been in use: it holds a neighbour's active credential, and has been written so many times. */
export function wornFlash<Model extends CuttableStorage>(storage: Model, writes: number): Model {
	const vault = openVault(storage, crypto, identity(neighbourDevice));
	vault.commit({ kind: "key", secret: new Secret("a-neighbour") });
	vault.accepted();
	for (let write = 0; write < writes; write++) storage.set("scratch", new Uint8Array(60).fill(write));
	return storage;
}
