import { parseCertificate } from "../certificates/parse-certificate.js";
import type { Claims, FormatRule, Platform } from "../platforms/platform.js";
import { authMethods, type Product, registrationModes } from "../products/product.js";
import { orList } from "../server/or-list.js";
import { AdminError } from "./admin-error.js";
import { type AdminContext, operation } from "./operation.js";
import { described, invalid, list, object, optional, string, type ValueOf, wholeNumber } from "./schema.js";

/** The most devices that a platform's product holds. */
const maxDevices = 200_000;

/** Keys that are absent keep their value. */
export const productChange = object({
	secret: described(
		"Required for a new product, but for one with a claim certificate: then the certificate's key. Default: a new key.",
		optional(string()),
	),
	auth: described("Default: key. Cannot change while the product has devices.", optional(string(authMethods))),
	authority: described(
		"The certificate of the customer's authority, PEM. Required for a new product with `private-ca`.",
		optional(string()),
	),
	registration: described("Default: the platform's.", optional(string(registrationModes))),
	limit: described(
		"How many devices registration may create. Default: 200,000, the most that a platform's product holds.",
		optional(wholeNumber("devices", 0, maxDevices)),
	),
	instanceId: described("The only instance that registrations may name. Default: any.", optional(string())),
	thingPrefix: described(
		"What the template puts before a serial number to name the thing. Default: nothing.",
		optional(string()),
	),
});

export type ProductChange = ValueOf<typeof productChange>;

export const productView = object({
	platform: string(),
	id: string(),
	auth: string(authMethods),
	authority: optional(string()),
	registration: string(registrationModes),
	limit: wholeNumber("devices"),
	instanceId: optional(string()),
	thingPrefix: optional(string()),
	devices: described("How many devices the product has.", wholeNumber("devices")),
});

export type ProductView = ValueOf<typeof productView>;

export const getProducts = operation({
	method: "GET",
	path: "/products",
	summary: "All products.",
	response: list(productView),
	run: ({ products }) => [...products.all()].map(view),
});

export const getProduct = operation({
	method: "GET",
	path: "/products/:platform/:id",
	summary: "One product.",
	response: productView,
	run: (context, { platform, id }) => view(findProduct(context, platform, id)),
});

export const putProduct = operation({
	method: "PUT",
	path: "/products/:platform/:id",
	summary: "Creates a product, or changes the given settings.",
	changesState: true,
	body: productChange,
	response: productView,
	run(context, { platform, id }, change) {
		const { rules, registration, auths, claims } = findPlatform(context, platform);
		checkRule(id, rules.productId);
		if (change.registration !== undefined && !registration.modes.includes(change.registration))
			throw invalid("registration", change.registration, orList(registration.modes));
		if (change.instanceId !== undefined) {
			if (!rules.instanceId)
				throw new AdminError(
					400,
					`"instanceId" is invalid: a product of ${platform} has no instance. Leave out "instanceId".`,
				);
			checkRule(change.instanceId, rules.instanceId);
		}
		if (change.auth !== undefined && !auths.includes(change.auth)) throw invalid("auth", change.auth, orList(auths));
		if (change.thingPrefix !== undefined) checkThingPrefix(change.thingPrefix, platform, claims);
		const existing = context.products.find(platform, id);
		const secret = change.secret ?? existing?.secret ?? claims?.newKey();
		if (secret === undefined) throw new AdminError(400, `"secret" is missing. The new product ${id} needs a secret.`);
		checkRule(secret, rules.productSecret);
		if (claims?.isKey(secret) === false) throw new AdminError(400, rules.productSecret.violation);
		const auth = change.auth ?? existing?.auth ?? auths[0];
		if (existing && auth !== existing.auth && existing.devices.size > 0)
			throw new AdminError(
				409,
				`Product ${id} has devices, so "auth" must stay "${existing.auth}". Delete the product first.`,
			);
		const { authority: _, ...others } = change;
		const authority = auth === "private-ca" ? readAuthority(change.authority ?? existing?.authority, id) : undefined;
		if (authority === undefined && change.authority !== undefined)
			throw new AdminError(400, `"authority" is invalid without "auth": "private-ca". Leave out "authority".`);
		if (auth === "certificate") context.deviceCertificates.prepare();
		return view(
			context.products.put(platform, id, {
				registration: registration.default,
				limit: maxDevices,
				...settingsOf(existing),
				...others,
				secret,
				auth,
				...(authority !== undefined && { authority }),
			}),
		);
	},
});

export const deleteProduct = operation({
	method: "DELETE",
	path: "/products/:platform/:id",
	summary: "Deletes a product and its devices.",
	changesState: true,
	run: (context, { platform, id }) => context.products.delete(findProduct(context, platform, id)),
});

/** @throws AdminError 404 */
export function findPlatform({ platforms }: AdminContext, name: string): Platform {
	const platform = platforms.find((each) => each.name === name);
	if (platform) return platform;
	const names = platforms.map((each) => each.name).join(", ");
	throw new AdminError(404, `The platform ${name} does not exist. Known platforms: ${names}.`);
}

/** @throws AdminError 404 */
export function findProduct(context: AdminContext, platform: string, id: string): Product {
	findPlatform(context, platform);
	const product = context.products.find(platform, id);
	if (product) return product;
	throw new AdminError(
		404,
		`The product ${id} does not exist. Create the product with PUT /products/${platform}/${id}.`,
	);
}

/** @throws AdminError 400 */
export function checkRule(value: string, rule: FormatRule): void {
	if (!rule.pattern.test(value)) throw new AdminError(400, rule.violation);
}

/** @throws AdminError 400 */
function checkThingPrefix(prefix: string, platform: string, claims: Claims | undefined): void {
	if (!claims)
		throw new AdminError(
			400,
			`"thingPrefix" is invalid: a product of ${platform} has no template. Leave out "thingPrefix".`,
		);
	if (!/^[\w:-]{0,64}$/.test(prefix))
		throw invalid("thingPrefix", prefix, "at most 64 characters of A-Z a-z 0-9 : _ -");
}

/** @returns the first certificate of this PEM */
function readAuthority(pem: string | undefined, product: string): string {
	if (pem === undefined)
		throw new AdminError(
			400,
			`"authority" is missing. The "private-ca" product ${product} needs the certificate (PEM) of its boards' authority.`,
		);
	const certificate = parseCertificate(pem);
	if (!certificate)
		throw new AdminError(
			400,
			`"authority" is invalid. Expected a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----.`,
		);
	if (!certificate.ca)
		throw new AdminError(
			400,
			`"authority" is the certificate of a device or server. Expected the certificate of an authority.`,
		);
	return certificate.toString();
}

function settingsOf(product: Product | undefined): ProductChange {
	if (!product) return {};
	const { registration, limit, instanceId, thingPrefix } = product;
	return {
		registration,
		limit,
		...(instanceId !== undefined && { instanceId }),
		...(thingPrefix !== undefined && { thingPrefix }),
	};
}

function view(product: Product): ProductView {
	const { platform, id, auth, authority, registration, limit, instanceId, thingPrefix, devices } = product;
	return {
		platform,
		id,
		auth,
		...(authority !== undefined && { authority }),
		registration,
		limit,
		...(instanceId !== undefined && { instanceId }),
		...(thingPrefix !== undefined && { thingPrefix }),
		devices: devices.size,
	};
}
