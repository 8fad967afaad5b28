import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { SelectedCertificates } from "../certificates/certificate-selector.js";
import type { CertificateKind } from "../certificates/certificate-variants.js";
import type { TlsPort } from "../certificates/tls-options.js";
import type { FaultReport, FaultRule } from "../faults/fault-rule.js";
import type { JournalEntry } from "../server/journal.js";
import type { ServedTime } from "../server/sntp-server.js";
import * as server from "./cloud-operations.js";
import type { DeviceView } from "./devices.js";
import * as devices from "./devices.js";
import * as faults from "./faults.js";
import * as boards from "./new-boards.js";
import type { AdminContext } from "./operation.js";
import type { ProductChange, ProductView } from "./products.js";
import * as products from "./products.js";

/**
 * The operations of the administration for code in this process: what an operator does in a platform's console, and
 * faults. No result holds a secret. Each operation throws `AdminError` as documented.
 *
 * @example
 * cloud.administration.putProduct("tencent", "PRODUCT001", { secret: "at-least-16-characters" });
 * cloud.administration.setFaults([{ operation: "register", fault: "drop", count: 1 }]);
 */
export class Administration {
	readonly #context: AdminContext;

	constructor(context: AdminContext) {
		this.#context = context;
	}

	products(): ProductView[] {
		return products.getProducts.run(this.#context, {}, undefined);
	}

	/** @throws AdminError 404 */
	product(platform: string, id: string): ProductView {
		return products.getProduct.run(this.#context, { platform, id }, undefined);
	}

	/** Creates a product, or changes the given settings and keeps the others. @throws AdminError 400, 404, 409 */
	putProduct(platform: string, id: string, change: ProductChange): ProductView {
		return products.putProduct.run(this.#context, { platform, id }, change);
	}

	/**
	 * The configuration of a new board. Unlike all other results, it holds the secret of the product.
	 *
	 * @param deviceName default: the board uses its MAC address
	 * @throws AdminError 400, 404
	 */
	async newBoard(platform: string, id: string, deviceName?: string): Promise<RawConfiguration> {
		const given = deviceName === undefined ? {} : { deviceName };
		const { configuration } = await boards.prepareBoard.run(this.#context, { platform, id }, given);
		return configuration as RawConfiguration;
	}

	/** Deletes a product and its devices. @throws AdminError 404 */
	deleteProduct(platform: string, id: string): void {
		products.deleteProduct.run(this.#context, { platform, id }, undefined);
	}

	/** @throws AdminError 404 */
	devices(platform: string, id: string): DeviceView[] {
		return devices.getDevices.run(this.#context, { platform, id }, { limit: Number.POSITIVE_INFINITY });
	}

	/** @throws AdminError 404 */
	device(platform: string, id: string, name: string): DeviceView {
		return devices.getDevice.run(this.#context, { platform, id, name }, undefined);
	}

	/**
	 * Creates a device if there is none.
	 *
	 * @param nextSecret handed out at its next registration, so that a known exchange can be replayed
	 * @throws AdminError 400, 404
	 */
	putDevice(platform: string, id: string, name: string, nextSecret?: string): DeviceView {
		return devices.putDevice.run(this.#context, { platform, id, name }, nextSecret);
	}

	/** @throws AdminError 404 */
	deleteDevice(platform: string, id: string, name: string): void {
		devices.deleteDevice.run(this.#context, { platform, id, name }, undefined);
	}

	/**
	 * Lets an active device register again; its credential stays valid until then. Boards with tokens are forgotten, and
	 * their connections end.
	 *
	 * @throws AdminError 404
	 */
	resetDevice(platform: string, id: string, name: string): DeviceView {
		return devices.resetDevice.run(this.#context, { platform, id, name }, undefined);
	}

	/**
	 * Changes the secret and all tokens in the cloud only: the device's credential is refused from now on, and its
	 * connection ends. Its state stays, so an active device must be reset before it may register again.
	 *
	 * A device's certificate is revoked at once; the promise resolves when another one, which nobody gets, has been made.
	 *
	 * @param secret default: a new one, which nobody gets
	 * @throws AdminError 400, 404, 409
	 */
	rotateDevice(platform: string, id: string, name: string, secret?: string): DeviceView | Promise<DeviceView> {
		return devices.rotateDevice.run(this.#context, { platform, id, name }, secret);
	}

	/**
	 * Refuses the device's certificate from now on, and ends its connection. Its state stays, so an active device must be
	 * reset before it may register again.
	 *
	 * @throws AdminError 404, 409
	 */
	revokeDevice(platform: string, id: string, name: string): DeviceView {
		return devices.revokeDevice.run(this.#context, { platform, id, name }, undefined);
	}

	/** Ends the device's connections. @throws AdminError 404, 409 */
	disconnectDevice(platform: string, id: string, name: string): void {
		devices.disconnectDevice.run(this.#context, { platform, id, name }, undefined);
	}

	/**
	 * Sends the device a message: all of its boards, if several are connected.
	 *
	 * @param topic default: the device's control topic
	 * @throws AdminError 400 not a topic of the device, 404, 409 the message would not arrive
	 */
	async sendMessage(platform: string, id: string, name: string, payload: string, topic?: string): Promise<void> {
		const message = { payload, ...(topic !== undefined && { topic }) };
		await devices.sendMessage.run(this.#context, { platform, id, name }, message);
	}

	/** Ends connections and refuses new ones, as if the platform were down. */
	stopBroker(): Promise<void> {
		return server.stopBroker.run(this.#context, {}, undefined);
	}

	/** Starts the broker on the same ports as before. */
	startBroker(): Promise<void> {
		return server.startBroker.run(this.#context, {}, undefined);
	}

	/** Which certificate each TLS port shows. */
	certificate(): SelectedCertificates {
		return server.getCertificate.run(this.#context, {}, undefined);
	}

	/**
	 * Shows another certificate from the next handshake on. Open connections stay.
	 *
	 * @param at default: all TLS ports
	 * @throws AdminError 400, 409
	 */
	setCertificate(kind: CertificateKind, at?: TlsPort): Promise<SelectedCertificates> {
		return server.putCertificate.run(this.#context, {}, { kind, ...(at !== undefined && { at }) });
	}

	/** The time server's offset and silence. All other times of the cloud are true. */
	time(): ServedTime {
		return server.getTime.run(this.#context, {}, undefined);
	}

	/** Changes the given settings and keeps the others, from the next query on. @throws AdminError 400 */
	setTime(change: Partial<ServedTime>): ServedTime {
		return server.putTime.run(this.#context, {}, change);
	}

	/** All rules, each with how often it has been applied and, as its `count`, how often it still may be. */
	faults(): FaultReport[] {
		return faults.getFaults.run(this.#context, {}, undefined);
	}

	/** Replaces all fault rules. @throws AdminError 400 */
	setFaults(rules: readonly FaultRule[]): FaultReport[] {
		return faults.putFaults.run(this.#context, {}, { rules: [...rules] });
	}

	/** Adds fault rules behind the existing ones, which take precedence. @throws AdminError 400 */
	addFaults(rules: readonly FaultRule[]): FaultReport[] {
		return faults.postFaults.run(this.#context, {}, { rules: [...rules] });
	}

	clearFaults(): void {
		faults.deleteFaults.run(this.#context, {}, undefined);
	}

	/**
	 * Ends everything that boards talk to, and starts it again after so many seconds, on the same ports and with the same
	 * state. The administration and the time server keep running.
	 *
	 * @throws AdminError 400; 409 if a restart is under way, or if another process has taken a port meanwhile
	 */
	restart(seconds: number): Promise<void> {
		return server.restart.run(this.#context, {}, { seconds });
	}

	/** The latest 1000 requests, oldest first. */
	requests(): JournalEntry[] {
		return server.getRequests.run(this.#context, {}, undefined);
	}

	clearRequests(): void {
		server.deleteRequests.run(this.#context, {}, undefined);
	}
}
