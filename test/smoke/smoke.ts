/** A few scenarios as a person plays them: each board a process of `dynreg board`, in real time. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { dynreg } from "../cli/dynreg.js";
import { findLeaks } from "../secrets/leaks.js";
import { knownSecrets } from "../secrets/watch.js";

export interface SmokeHost {
	readonly name: "xs" | "sim";
	/** Seconds that a board may take that gets nowhere. */
	readonly patience: number;
	/** Options of `dynreg board` for all boards. */
	readonly options: readonly string[];
}

const product = { id: "SMOKE00001", secret: "smoke-product-secret-01" };
const aliyunKey = "smoke000001";
const device = "board-1";
const firstBoot = ["boot", "registering", "registered", "stored", "connecting", "online"];

/** What a board as a process has said and how it ended. */
interface Run {
	readonly code: number | null;
	readonly events: readonly BoardEvent[];
	readonly steps: readonly string[];
	readonly errors: string;
}

class Place {
	readonly #host: SmokeHost;
	readonly #folder: string;
	readonly cloud: Cloud;
	#files = 0;

	constructor(host: SmokeHost, folder: string, cloud: Cloud) {
		this.#host = host;
		this.#folder = folder;
		this.cloud = cloud;
	}

	configuration(change: RawConfiguration = {}): RawConfiguration {
		const { ca, urls } = this.cloud;
		const endpoints = { register: urls.https, mqtt: urls.mqtts };
		const { id, secret } = product;
		return {
			cloud: "tencent",
			productId: id,
			productSecret: secret,
			deviceName: device,
			ca,
			startupJitter: 0,
			endpoints,
			...change,
		};
	}

	async store(): Promise<string> {
		const store = join(this.#folder, `flash-${++this.#files}`);
		if (this.#host.name === "sim") await mkdir(store);
		return store;
	}

	/** `dynreg board` with these options, to its end. */
	async board(configuration: RawConfiguration, ...options: string[]): Promise<Run> {
		const file = join(this.#folder, `config-${++this.#files}.json`);
		await writeFile(file, JSON.stringify(configuration));
		const parameters = ["--config", file, "--json", ...this.#host.options, ...options];
		const { code, out, err } = await dynreg("board", ...parameters).ended;
		const [found] = findLeaks([out, err], [product.secret, ...knownSecrets()]);
		if (found !== undefined) throw new Error(`printed: ${found}`);
		const events: BoardEvent[] = out
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
		const steps = events.map(({ event }) => event).filter((event) => event !== "clock");
		return { code, events, steps, errors: err };
	}

	/** Registrations that the cloud has accepted. */
	registrations(): number {
		const { administration } = this.cloud;
		return administration
			.requests()
			.filter((each) => each.operation.startsWith("register") && each.verdict === "accepted").length;
	}
}

/** The smoke scenarios on one host, as tests. */
export function smoke(host: SmokeHost): void {
	const scenario = (title: string, play: (t: ExecutionContext, place: Place) => Promise<void>) =>
		test.serial(`${host.name}: ${title}`, async (t) => {
			t.timeout(600_000);
			const folder = await mkdtemp(join(tmpdir(), "dynreg-smoke-"));
			const cloud = await startCloud();
			cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
			try {
				await play(t, new Place(host, folder, cloud));
			} finally {
				await cloud.close();
				await rm(folder, { recursive: true, force: true });
			}
		});

	scenario("a board registers, is online, and does not register after a power cycle", async (t, place) => {
		const store = await place.store();
		const first = await place.board(place.configuration(), "--store", store, "--until", "online");
		t.is(first.code, 0, first.errors);
		t.deepEqual(first.steps, firstBoot);
		const second = await place.board(place.configuration(), "--store", store, "--until", "online");
		t.is(second.code, 0, second.errors);
		t.deepEqual(second.steps, ["boot", "connecting", "online"]);
		t.is(place.registrations(), 1);
	});

	scenario("a power cut after the credential is stored costs no second registration", async (t, place) => {
		const store = await place.store();
		const first = await place.board(place.configuration(), "--store", store, "--until", "stored");
		t.is(first.code, 0, first.errors);
		t.deepEqual(first.steps, firstBoot.slice(0, 4));
		const second = await place.board(place.configuration(), "--store", store, "--until", "clock");
		t.is(second.code, 0, second.errors);
		t.deepEqual(second.steps, ["boot", "connecting", "online"]);
		t.is(place.registrations(), 1);
	});

	scenario("Alibaba Cloud over MQTT, and a certificate product", async (t, place) => {
		const { administration, urls } = place.cloud;
		administration.putProduct("aliyun", aliyunKey, { secret: product.secret, registration: "free" });
		const aliyun = { cloud: "aliyun", productKey: aliyunKey, authType: "regnwl", endpoints: { mqtt: urls.mqtts } };
		const { productId: _, ...others } = place.configuration(aliyun);
		const overMqtt = await place.board(others, "--until", "online");
		t.deepEqual([overMqtt.code, overMqtt.steps], [0, firstBoot], overMqtt.errors);
		administration.putProduct("tencent", product.id, { secret: product.secret, auth: "certificate" });
		const certified = await place.board(place.configuration(), "--until", "online");
		t.deepEqual([certified.code, certified.steps], [0, firstBoot], certified.errors);
	});

	scenario("a board without a clock asks a time server", async (t, place) => {
		const sntp = new URL(place.cloud.urls.sntp).host;
		const { code, steps, errors } = await place.board(
			place.configuration({ sntp }),
			"--clock",
			"1970-01-01",
			"--until",
			"online",
		);
		t.deepEqual([code, steps], [0, firstBoot], errors);
	});

	scenario("a wrong configuration is exit code 1, and one sentence that names the key", async (t, place) => {
		const { code, events, errors } = await place.board(place.configuration({ region: "moon" }), "--until", "online");
		t.is(code, 1);
		const failure = events.find((each) => each.event === "failed");
		t.like(failure, { phase: "configuration", code: "bad-configuration" });
		t.true(failure?.message?.startsWith("region "));
		t.true(errors.includes(failure?.message ?? "-"), errors);
		t.is(place.cloud.administration.requests().length, 0);
	});

	scenario("an error that only a person can fix is exit code 3", async (t, place) => {
		const { administration } = place.cloud;
		administration.putProduct("tencent", product.id, { secret: "another-secret-than-that" });
		const { code, events } = await place.board(place.configuration(), "--until", "online");
		t.is(code, 3);
		t.like(
			events.find(({ event }) => event === "failed"),
			{ phase: "register", code: "bad-product-secret" },
		);
	});

	scenario("a server with another root is not trusted, and a cloud that is gone is exit code 2", async (t, place) => {
		await place.cloud.administration.setCertificate("wrong-root", "https");
		const untrusted = await place.board(place.configuration(), "--until", "stored");
		t.like(
			untrusted.events.find(({ event }) => event === "failed"),
			{ phase: "register", code: "certificate-untrusted" },
		);
		const plain = {
			endpoints: { register: "http://127.0.0.1:1", mqtt: "mqtt://127.0.0.1:1" },
			dangerouslyAllowPlain: true,
		};
		const gone = await place.board(place.configuration(plain), "--until", "online", "--timeout", String(host.patience));
		t.is(gone.code, 2);
		t.like(
			gone.events.find(({ event }) => event === "failed"),
			{ phase: "register", code: "connect-failed", action: "retry" },
		);
	});
}
