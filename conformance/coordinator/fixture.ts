import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "@dynreg/cloud";
import { demoBoard } from "@dynreg/cloud/internal/demo-board";
import { type CloudName, cloudNames } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { type Fixture, type Vector, type VectorKind, vectorKinds } from "../device/device-case.js";
import { type RunningAttackers, startAttackers } from "../peers/attackers.js";
import { startServers, type TestAddress } from "../peers/servers.js";

/** All that a board talks to while it is tried, on this machine. */
export interface RunningFixture {
	/** The authorities of its servers, as files: an image for a board has them as resources, by the name without the ending. */
	readonly authorities: readonly string[];
	/** What to tell a board of it for what a case needs. */
	dataFor(needs: readonly (keyof Fixture)[]): Partial<Fixture>;
	/** For the board's configuration. */
	readonly sntp: readonly string[];
	readonly attackers: RunningAttackers;
	close(): Promise<void>;
}

/** Of a product that exists in the local cloud of this run only. */
const product = { id: "HARNESS001", secret: "InventedHarnessSecretKey" } as const;
const device = "board-under-test";

/**
 * @param nameAuthority how the board names the authority in this file
 */
export async function startFixture(
	place: TestAddress,
	nameAuthority: (file: string) => string,
): Promise<RunningFixture> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-world-"));
	const running = await startServers(place);
	const attackers = await startAttackers(place);
	const cloud = await startCloud({ host: place.address });
	const files: string[] = [];
	const authority = async (name: string, pem: string, ending: "der" | "pem") => {
		const file = join(folder, `${name}.${ending}`);
		const text = await readFile(pem);
		// A board never reads PEM where it can have DER: that takes memory.
		await writeFile(file, ending === "der" ? new X509Certificate(text).raw : text);
		files.push(file);
		return nameAuthority(file);
	};

	const { device: certificates, ...others } = running.servers;
	const cloudAuthority = await authority("tcloud", cloud.ca, "der");
	const configurations: [CloudName, RawConfiguration][] = [];
	for (const name of cloudNames) {
		const board = await demoBoard(cloud, { cloud: name, ...product }, device);
		configurations.push([name, { ...board, ca: cloudAuthority }]);
	}
	const fixture: Fixture = {
		servers: {
			...others,
			ca: await authority("tserver", others.ca, "der"),
			otherCa: await authority("tother", others.otherCa, "der"),
			bothCas: await authority("tboth", others.bothCas, "pem"),
			spoiledCas: [
				await authority("tformat", others.spoiledCas[0] as string, "pem"),
				await authority("tdamaged", others.spoiledCas[1] as string, "pem"),
			] as readonly string[],
		} as Fixture["servers"],
		certificates,
		attackers: { ...attackers.attackers, ca: await authority("tattacker", attackers.attackers.ca, "der") },
		...(Object.fromEntries(configurations) as Record<CloudName, RawConfiguration>),
		...(await readVectors()),
	};
	return {
		authorities: files,
		dataFor: (needs) => Object.fromEntries(needs.map((need) => [need, fixture[need]])),
		sntp: others.sntp,
		attackers,
		async close() {
			await running.close();
			await attackers.close();
			await cloud.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** Those whose secrets were made up or printed by the vendor, and not the ones that a device in the field had. */
async function readVectors(): Promise<Pick<Fixture, VectorKind>> {
	const all = JSON.parse(await readFile(new URL("../../vectors.json", import.meta.url), "utf8"));
	const made = (kind: VectorKind): Vector[] =>
		all[kind].filter(({ origin }: Vector) => !origin.startsWith("real device"));
	return Object.fromEntries(vectorKinds.map((kind) => [kind, made(kind)])) as unknown as Pick<Fixture, VectorKind>;
}
