/**
 * What `mcpack` finds under the name `dynreg/host` (package.json). It only asks whether there is a file: what is built
 * depends on the platform, and that the manifest says, which comes first.
 */
export {};
