/* In the place of ESP-IDF's: nothing is configured. */
