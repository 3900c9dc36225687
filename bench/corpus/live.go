package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// live takes a realm from a live server: Keycloak itself imports the file;
// a plan of the export is empty; the export is valid offline; applied to an
// empty server it gives the same realm, and then the plan is empty again.
func live(ctx context.Context, r *realm) outcome {
	first, err := r.imported(ctx)
	if err != nil {
		return unimported(err)
	}
	files := r.at("export")
	os.RemoveAll(files)
	a := r.kcsync(ctx, "export", "--realm", r.Name, "-o", "export", "--secrets-file", r.at("secrets"))
	if a.code != 0 {
		return failed("export: %s", a.problems())
	}
	if r.env, err = r.secrets(r.at("secrets"), a.err); err != nil {
		return failed("the secrets of the export: %v", err)
	}
	r.Exported = size(files)
	said := a.err
	if a := r.kcsync(ctx, "plan", "--detailed-exitcode", "export"); a.code != 0 {
		return failed("plan of the export: %s", a.problems()+a.changes())
	}
	if a := r.kcsync(ctx, "validate", "export"); a.code != 0 {
		return failed("validate: %s", a.problems())
	}
	if err := r.remove(ctx); err != nil {
		return failed("%v", err)
	}
	if err := declareUsers(files, said); err != nil {
		return failed("%v", err)
	}
	switch a := r.kcsync(ctx, "apply", "--yes", "export"); a.code {
	case 0:
		said += a.err + a.out
	case 3:
		return refusal(a)
	default:
		if _, err := os.Stat(r.at("export/user-federation")); err == nil && strings.Contains(a.problems(), "(export/"+declared) {
			return outcome{Verdict: refused, Reason: "the users that it names cannot be made while its directory is out of reach", More: strings.Split(a.problems(), "\n")}
		}
		return failed("apply to an empty server: %s", a.problems())
	}
	second, err := r.snapshot(ctx, "applied")
	if err != nil {
		return failed("%v", err)
	}
	diffs, explained, err := differences(first, second, said)
	if err != nil {
		return failed("%v", err)
	}
	if len(diffs) > 0 {
		return failed("%s", strings.Join(diffs, "\n"))
	}
	if a := r.kcsync(ctx, "plan", "--detailed-exitcode", "export"); a.code != 0 {
		return failed("plan after the apply: %s", a.problems()+a.changes())
	}
	if len(explained) > 0 {
		return outcome{Verdict: through, Reason: "but for what kcsync says it leaves: " + strings.Join(explained, ", ")}
	}
	return outcome{Verdict: through}
}

var named = regexp.MustCompile(`(?m)^note: .*: it names users, which the files leave out: (.*); declare them`)

// declareUsers declares the users that an export said its files name and leave out.
func declareUsers(files, said string) error {
	var b strings.Builder
	seen := map[string]bool{}
	for _, m := range named.FindAllStringSubmatch(said, -1) {
		for name := range strings.SplitSeq(m[1], ", ") {
			if !seen[name] {
				seen[name] = true
				fmt.Fprintf(&b, "- username: %q\n", name)
			}
		}
	}
	if len(seen) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(files, "users"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(files, declared), []byte(b.String()), 0o644)
}

// declared is the file of an export in which users stand that it left out.
const declared = "users/named.yaml"

// changes are the lines of a plan that tell of changes.
func (a answer) changes() string {
	if a.code != 2 {
		return ""
	}
	var out []string
	for line := range strings.Lines(a.out) {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "~") || strings.HasPrefix(line, "+") || strings.HasPrefix(line, "-") || strings.HasPrefix(line, ">") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "; ")
}

var (
	secretLine = regexp.MustCompile(`(?m)^  ([A-Z0-9_]+)  (.*)  \(the server does not tell it\)$`)
	quoted     = regexp.MustCompile(`(?s)([A-Z0-9_]+)='((?:[^']|'\\'')*)'\n`)
)

// secrets returns the environment that an export needs: what its secrets file
// holds, and for what the server does not tell the realm's own keys, which have
// to be some, or something of ours.
func (r *realm) secrets(file, said string) ([]string, error) {
	var env []string
	for _, m := range secretLine.FindAllStringSubmatch(said, -1) {
		value := "a secret of our own"
		if key := r.keys[m[2]]; key != "" {
			value = key
		}
		env = append(env, m[1]+"="+value)
	}
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return env, nil
	}
	for _, m := range quoted.FindAllStringSubmatch(string(data), -1) {
		env = append(env, m[1]+"="+strings.ReplaceAll(m[2], `'\''`, "'"))
	}
	return env, err
}

// size returns how many bytes the files in a directory have.
func size(dir string) int {
	n := 0
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += int(info.Size())
			}
		}
		return nil
	})
	return n
}
