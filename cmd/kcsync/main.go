// Command kcsync keeps Keycloak realms equal to files.
package main

import "os"

func main() { os.Exit(Main()) }
