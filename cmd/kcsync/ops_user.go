package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/kcsync/kcsync/ops"
)

func offlineFlag() cli.Flag {
	return &cli.BoolFlag{Name: "offline", Usage: "offline sessions instead"}
}

var userOperations = []operation{
	{name: "user logout", args: "USER", usage: "end all sessions of a user",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.LogOutUser(o.Context.Context, o.arg[0]) }},
	{name: "user sessions", args: "USER", usage: "list a user's sessions", flags: []cli.Flag{offlineFlag()},
		list: func(o *operating) (*ops.List, error) {
			return o.realm.UserSessions(o.Context.Context, o.arg[0], o.Bool("offline"))
		}},
	{name: "user lockout", args: "USER", usage: "tell what brute force detection holds against a user",
		list: func(o *operating) (*ops.List, error) { return o.realm.Lockout(o.Context.Context, o.arg[0]) }},
	{name: "user unlock", args: "USER", usage: "forget a user's failed sign-ins",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.Unlock(o.Context.Context, o.arg[0]) }},
	{name: "user enable", args: "USER", usage: "let a user sign in",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.SetEnabled(o.Context.Context, o.arg[0], true) }},
	{name: "user disable", args: "USER", usage: "keep a user from signing in",
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.SetEnabled(o.Context.Context, o.arg[0], false)
		}},
	{name: "user reset-password", args: "USER", usage: "give a user a new password: asked for, from a file, or made up", flags: []cli.Flag{
		&cli.StringFlag{Name: "new-password-file", Usage: "read the new password from `FILE`, - for the input", EnvVars: []string{envName("new-password-file")}},
		&cli.BoolFlag{Name: "generate", Usage: "make one up and print it"},
		&cli.BoolFlag{Name: "temporary", Usage: "the user has to change it at the next sign-in"},
		secretFile(),
	}, deed: resetPassword},
	{name: "user mail", args: "USER", usage: "send a user a mail to verify the address or to do what --action says", flags: []cli.Flag{
		&cli.StringSliceFlag{Name: "action", Usage: "required `ACTION`, such as UPDATE_PASSWORD, CONFIGURE_TOTP; none: verify the address"},
		&cli.StringFlag{Name: "client", Usage: "the `CLIENT` to lead back to"},
		&cli.StringFlag{Name: "redirect", Usage: "the `ADDRESS` to lead back to, one of the client's"},
		&cli.DurationFlag{Name: "lifespan", Usage: "how long the link works, a `DURATION` such as 12h"},
	}, deed: func(o *operating) (*ops.Deed, error) {
		return o.realm.SendMail(o.Context.Context, o.arg[0], ops.Mail{
			Actions: o.StringSlice("action"), ClientID: o.String("client"), RedirectURI: o.String("redirect"), Lifespan: o.Duration("lifespan"),
		})
	}},
	{name: "user consents", args: "USER", usage: "list a user's consents and offline tokens",
		list: func(o *operating) (*ops.List, error) { return o.realm.Consents(o.Context.Context, o.arg[0]) }},
	{name: "user revoke-consent", args: "USER CLIENT", usage: "take back a consent, and the client's offline tokens",
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.RevokeConsent(o.Context.Context, o.arg[0], o.arg[1])
		}},
	{name: "user credentials", args: "USER", usage: "list what a user signs in with",
		list: func(o *operating) (*ops.List, error) { return o.realm.Credentials(o.Context.Context, o.arg[0]) }},
	{name: "user delete-credential", args: "USER ID", usage: "take a credential from a user, such as a lost OTP device",
		deed: func(o *operating) (*ops.Deed, error) {
			return o.realm.DeleteCredential(o.Context.Context, o.arg[0], o.arg[1])
		}},
	{name: "session end", args: "ID", usage: "end one session", flags: []cli.Flag{offlineFlag()},
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.EndSession(o.arg[0], o.Bool("offline")), nil }},
}

// resetPassword takes the new password from where the flags say: never from
// the command line itself, which others can see.
func resetPassword(o *operating) (*ops.Deed, error) {
	password, err := newPassword(o)
	if err != nil {
		return nil, err
	}
	d, err := o.realm.ResetPassword(o.Context.Context, o.arg[0], password, o.Bool("temporary"))
	if err != nil || !o.Bool("generate") {
		return d, err
	}
	return telling(d, password), nil
}

func newPassword(o *operating) (string, error) {
	file := o.String("new-password-file")
	switch {
	case o.Bool("generate"):
		// Of 26 base32 characters, and of every class that password policies ask for.
		return rand.Text() + "-a1", nil
	case file == "-":
		data, err := io.ReadAll(o.s.in)
		return strings.TrimRight(string(data), "\r\n"), err
	case file != "":
		data, err := os.ReadFile(file)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	in, ok := o.s.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", exit{exitInvalid, fmt.Errorf("no new password: give --new-password-file or --generate")}
	}
	fmt.Fprintf(o.s.err, "New password for %s: ", o.arg[0])
	data, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(o.s.err)
	return string(data), err
}

var usersOperations = []operation{
	{name: "users unlock", usage: "forget the failed sign-ins of all users",
		deed: func(o *operating) (*ops.Deed, error) { return o.realm.UnlockAll(), nil }},
	{name: "users export", args: "FILE", usage: "write all users to a file of JSON lines; goes on where it was interrupted", flags: []cli.Flag{
		&cli.BoolFlag{Name: "groups", Usage: "their groups as well: a request for each user"},
		&cli.BoolFlag{Name: "roles", Usage: "the roles given to them as well: a request for each"},
		&cli.BoolFlag{Name: "identities", Usage: "their links to identity providers as well: a request for each"},
	}, run: exportUsers},
	{name: "users import", args: "FILE", usage: "make the users of a file of JSON lines; goes on where it was interrupted", flags: []cli.Flag{
		&cli.StringFlag{Name: "existing", Usage: "what to do with a user that is there: skip, overwrite or fail (`WORD`); overwritten users lose sessions, consents and second factors", Value: "skip"},
		&cli.BoolFlag{Name: "new-ids", Usage: "let the server give ids: where another realm of the same server has these users"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"},
		&cli.BoolFlag{Name: "dry-run", Usage: "check and count the users, and do nothing"},
	}, run: importUsers},
}

// exportUsers appends to a file what it does not hold yet. While it is not
// whole, the file has another name.
func exportUsers(o *operating) error {
	file := o.arg[0]
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return exit{exitInvalid, fmt.Errorf("%s is there already; give another name, or remove it", file)}
	}
	part := file + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	n, after, end, err := ops.Exported(f)
	if err != nil {
		return fmt.Errorf("%s: %w; remove the file to begin anew", part, err)
	}
	// A line that was cut off is written again.
	if err := f.Truncate(end); err != nil {
		return err
	}
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		return err
	}
	if n > 0 {
		fmt.Fprintf(o.s.err, "going on behind the %d users in %s\n", n, part)
	}
	p := newProgress(o.s)
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	err = o.realm.ExportUsers(o.Context.Context, ops.UserExport{
		Skip: n, After: after, Groups: o.Bool("groups"), Roles: o.Bool("roles"), Identities: o.Bool("identities"), Parallelism: o.Int("parallelism"),
	}, func(u ops.Object) error {
		n++
		p.line(fmt.Sprintf("%d users", n))
		return enc.Encode(u)
	})
	p.end()
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("%w\n%d users are in %s; the same command goes on from there", err, n, part)
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	fmt.Fprintf(o.s.out, "%d users of realm %s written to %s, without passwords\n", n, o.realm.Name(), file)
	return nil
}

// importUsers remembers in a file beside the users' how many lines are done.
func importUsers(o *operating) error {
	file := o.arg[0]
	existing := ops.Existing(strings.ToUpper(o.String("existing")))
	switch existing {
	case ops.Skip, ops.Overwrite, ops.Fail:
	default:
		return exit{exitInvalid, fmt.Errorf("--existing is skip, overwrite or fail, not %q", o.String("existing"))}
	}
	f, err := os.Open(file)
	if err != nil {
		return exit{exitInvalid, err}
	}
	defer f.Close()
	total, err := ops.CheckUsers(f)
	if err != nil {
		return exit{exitInvalid, fmt.Errorf("%s: %w\nnothing was imported", file, err)}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	progressFile := file + "." + o.realm.Name() + ".imported"
	skip := 0
	if data, err := os.ReadFile(progressFile); err == nil {
		if skip, err = strconv.Atoi(string(bytes.TrimSpace(data))); err != nil || skip > total {
			return fmt.Errorf("%s does not say how many lines of %s are imported; remove it to begin anew", progressFile, file)
		}
		fmt.Fprintf(o.s.err, "- %d of the users are imported already, says %s\n", skip, progressFile)
	}
	words := map[ops.Existing]string{
		ops.Skip:      "users that are there stay as they are",
		ops.Overwrite: "users that are there are deleted and made anew: their sessions, consents and second factors are gone",
		ops.Fail:      "the first user that is there ends it",
	}
	fmt.Fprintf(o.s.err, "- makes %d users in realm %s\n- %s\n", total-skip, o.realm.Name(), words[existing])
	if o.Bool("dry-run") {
		return nil
	}
	if err := o.agreed(); err != nil {
		return err
	}
	p, start := newProgress(o.s), time.Now()
	var last ops.Imported
	err = o.realm.ImportUsers(o.Context.Context, f, ops.UserImport{Existing: existing, Skip: skip, NewIDs: o.Bool("new-ids")}, func(done ops.Imported) error {
		last = done
		p.line(fmt.Sprintf("%d of %d users, %.0f a second", done.Lines, total, float64(done.Lines-skip)/time.Since(start).Seconds()))
		return os.WriteFile(progressFile, []byte(strconv.Itoa(done.Lines)+"\n"), 0o600)
	})
	p.end()
	counts := fmt.Sprintf("%d users made, %d skipped, %d overwritten", last.Added, last.Skipped, last.Overwritten)
	if err != nil {
		code := exitFailed
		if last.Lines > 0 {
			code = exitPartly
		}
		return exit{code, fmt.Errorf("%w\n%s; the same command goes on from there", err, counts)}
	}
	fmt.Fprintln(o.s.out, counts)
	return removeIfThere(progressFile)
}

func removeIfThere(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
