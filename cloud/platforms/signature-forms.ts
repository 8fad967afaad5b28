/** How an HMAC may have become a text. */

export type Encoder = (digest: Buffer) => string;

export interface SignatureForm<Method extends string> {
	readonly method: Method;
	readonly encoders: readonly (readonly [encoding: string, encode: Encoder])[];
}

/**
 * The methods and encodings that yield a text of this length. Anybody may send wrong signatures, and each HMAC that is
 * not tried saves time.
 *
 * @param digestSizes by method, in bytes
 */
export function signatureForms<Method extends string>(
	signature: string,
	digestSizes: Readonly<Record<Method, number>>,
	encoders: Readonly<Record<string, Encoder>>,
): SignatureForm<Method>[] {
	const methods = Object.keys(digestSizes) as Method[];
	return methods
		.map((method) => {
			const sample = Buffer.alloc(digestSizes[method]);
			const possible = Object.entries(encoders).filter(([, encode]) => encode(sample).length === signature.length);
			return { method, encoders: possible };
		})
		.filter(({ encoders }) => encoders.length > 0);
}
