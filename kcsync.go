// Package kcsync holds what a new repository of realms starts from. The work is done by the packages below it: the README
// says which does what.
package kcsync

import "embed"

// Starter is what kcsync init writes: the smallest realm that makes sense, and a Keycloak with its PostgreSQL to try it on.
//
//go:embed compose.yaml examples/realms/minimal
var Starter embed.FS
