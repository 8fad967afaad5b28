/** All devices: search, filter, pages, actions. */

import { useState } from "preact/hooks";
import { productPath, query } from "./api.js";
import { linkTo, titleOfPlatform, useLoaded, usePlatforms, useSettled } from "./hooks.js";
import { Action, Ago, Empty, Failure, Online, SelectField, StateBadge, TextField } from "./parts.js";
import type { CloudEvent, Device, DeviceList, ListedDevice, Product } from "./types.js";

const pageSize = 50;

const states = ["", "created", "registered", "active", "online", "offline"] as const;

const concerns = (event: CloudEvent) =>
	event.type === "change" ? event.path.startsWith("/products") : event.type === "journal";

export function DevicesPage({ values }: { readonly values: URLSearchParams }) {
	const [search, setSearch] = useState("");
	const settled = useSettled(search);
	const page = Number(values.get("page") ?? 0);
	const state = values.get("state") ?? "";
	const chosen = { platform: values.get("platform") ?? "", product: values.get("product") ?? "" };
	const { value: products = [] } = useLoaded<readonly Product[]>("/products", (event) => event.type === "change");
	const { value: list, error } = useLoaded<DeviceList>(
		`/devices?${query({ search: settled, state, ...chosen, offset: page * pageSize, limit: pageSize })}`,
		concerns,
	);
	const platforms = usePlatforms();
	const go = (change: Readonly<Record<string, string>>) => {
		location.hash = linkTo(["devices"], { state, ...chosen, ...change });
	};
	const pages = Math.ceil((list?.total ?? 0) / pageSize);
	return (
		<>
			<search class="filters">
				<TextField
					label="Search names"
					type="search"
					value={search}
					placeholder="part of a name"
					onInput={(text) => {
						setSearch(text);
						if (page > 0) go({});
					}}
				/>
				<SelectField
					label="Product"
					value={chosen.product === "" ? "" : `${chosen.platform}/${chosen.product}`}
					choices={[
						["", "all products"],
						...products.map(
							({ platform, id }) => [`${platform}/${id}`, `${id} (${titleOfPlatform(platforms, platform)})`] as const,
						),
					]}
					onChange={(text) => {
						const [platform = "", product = ""] = text.split("/");
						go({ platform, product });
					}}
				/>
				<SelectField
					label="State"
					value={state}
					choices={states.map((each) => [each, each === "" ? "any state" : `${each}${countOf(list, each)}`])}
					onChange={(text) => go({ state: text })}
				/>
			</search>
			<Failure text={error} />
			{list && (
				<p class="count" role="status">
					{list.total.toLocaleString("en")} {list.total === 1 ? "device" : "devices"}
				</p>
			)}
			{list?.total === 0 ? (
				<Empty title={settled === "" && state === "" ? "There is no device yet." : "No device matches."}>
					<p>
						Devices are created with their product, or when a board registers. <a href="#/start">Start a board</a>
					</p>
				</Empty>
			) : (
				list && <DeviceTable devices={list.devices} />
			)}
			{pages > 1 && (
				<nav class="pager" aria-label="Pages">
					<button type="button" disabled={page === 0} onClick={() => go({ page: String(page - 1) })}>
						Previous
					</button>
					<span>
						Page {(page + 1).toLocaleString("en")} of {pages.toLocaleString("en")}
					</span>
					<button type="button" disabled={page + 1 >= pages} onClick={() => go({ page: String(page + 1) })}>
						Next
					</button>
				</nav>
			)}
		</>
	);
}

function countOf(list: DeviceList | undefined, state: string): string {
	const count = list?.counts[state as keyof DeviceList["counts"]];
	return count === undefined ? "" : ` (${count.toLocaleString("en")})`;
}

function DeviceTable({ devices }: { readonly devices: readonly ListedDevice[] }) {
	return (
		<div class="scroll">
			<table>
				<thead>
					<tr>
						<th scope="col">Device</th>
						<th scope="col">Product</th>
						<th scope="col">State</th>
						<th scope="col">Connection</th>
						<th scope="col">Last seen</th>
						<th scope="col">Credential</th>
						<th scope="col">
							<span class="hidden">Actions</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{devices.map(({ platform, product, auth, device }) => (
						<tr key={`${platform}/${product}/${device.name}`}>
							<th scope="row">
								<a href={linkTo(["devices", platform, product, device.name])}>{device.name}</a>
							</th>
							<td data-label="Product">{product}</td>
							<td data-label="State">
								<StateBadge state={device.state} />
							</td>
							<td data-label="Connection">
								<Online connected={device.connected} />
							</td>
							<td data-label="Last seen">
								<Ago time={device.lastSeen} />
							</td>
							<td data-label="Credential">
								<Credential auth={auth} device={device} />
							</td>
							<td class="actions">
								<Action
									label="Reset"
									tone="small"
									path={productPath(platform, product, "devices", device.name, "reset")}
									done={`The device ${device.name} may register again.`}
									disabled={device.state === "created"}
								/>
								<Action
									label="Disconnect"
									tone="small"
									path={productPath(platform, product, "devices", device.name, "disconnect")}
									done={`The device ${device.name} is disconnected.`}
									disabled={!device.connected}
								/>
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

/** The kind of a device's credential, and when it ends. */
export function Credential({ auth, device }: { readonly auth: string; readonly device: Device }) {
	const { certificate, boards, state } = device;
	if (certificate)
		return (
			<span>
				{certificate.kind === "own" ? "own certificate" : "certificate"},{" "}
				{certificate.revoked ? (
					<strong class="bad">revoked</strong>
				) : (
					`until ${new Date(certificate.expires).toLocaleDateString("en-GB")}`
				)}
			</span>
		);
	if (boards !== undefined)
		return (
			<span>
				{boards} {boards === 1 ? "token" : "tokens"}, no end
			</span>
		);
	if (state === "created") return <span class="faint">none yet</span>;
	return <span>{auth === "key" ? "key, no end" : auth}</span>;
}
