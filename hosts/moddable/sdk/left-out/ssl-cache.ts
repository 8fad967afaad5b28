/**
 * Replaces a module that the SDK's TLS imports and the firmware does not need. An application that needs the SDK's own
 * must not include this folder's `manifest.json`.
 */
export default undefined;
