/** Where `dynreg init` puts the configuration of an application's boards, in its folder. */
export const defaultConfigurationFile = "board.json";
