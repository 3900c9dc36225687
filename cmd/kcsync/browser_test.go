package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a person in a test looks for something on a page.
const patience = 60 * time.Second

// signInByBrowser is the program "person" of the scripts: it opens an address
// in a real browser without a window, as a person named by PERSON would who
// has the password PERSON_PASSWORD, and answers what the pages ask for until
// there is nothing more to do. It notes in the file SEEN what it saw.
// With PERSON_SAYS=no consent is refused. One-time codes come of PERSON_TOTP.
func signInByBrowser() {
	if err := browse(os.Args[1]); err != nil {
		note("error: " + err.Error())
		os.Exit(1)
	}
}

func note(line string) {
	f, err := os.OpenFile(os.Getenv("SEEN"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		fmt.Fprintln(f, line)
		f.Close()
	}
}

func browse(address string) error {
	profile, err := os.MkdirTemp("", "kcsync-browser")
	if err != nil {
		return err
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.UserDataDir(profile), chromedp.Env("HOME="+profile),
		chromedp.NoSandbox, // it refuses to run as root otherwise, and meets pages of our own server only
		chromedp.Flag("no-proxy-server", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		return err
	}
	ctx, cancel = context.WithTimeout(ctx, patience) // not before: it would be the browser's own
	defer cancel()
	for {
		var err error
		switch {
		case has(ctx, "#username"):
			err = submit(ctx, "#kc-login", map[string]string{"#username": os.Getenv("PERSON"), "#password": os.Getenv("PERSON_PASSWORD")})
		case has(ctx, "#otp"):
			note("asked for a one-time code")
			err = submit(ctx, "#kc-login", map[string]string{"#otp": oneTimeCode(os.Getenv("PERSON_TOTP"), 0)})
		case has(ctx, "[name=accept]") && os.Getenv("PERSON_SAYS") == "no":
			note("refused")
			err = submit(ctx, "[name=cancel]", nil)
		case has(ctx, "[name=accept]"):
			note("consented")
			err = submit(ctx, "[name=accept]", nil)
		default:
			text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
			note(strings.Join(strings.Fields(text), " "))
			return err
		}
		if err != nil {
			return err
		}
	}
}

// submit types into fields, clicks, and waits for the page that comes.
func submit(ctx context.Context, button string, fields map[string]string) error {
	var steps []chromedp.Action[chromedp.Void]
	for field, text := range fields {
		steps = append(steps, chromedp.SendKeys(chromedp.CSS(field), text))
	}
	_, err := chromedp.RunResponse(ctx, append(steps, chromedp.Click(chromedp.CSS(button)))...)
	return err
}

func has(ctx context.Context, selector string) bool {
	found, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector(%q) != null", selector)))
	return err == nil && found
}

// saw is the script command of that name: it waits for the person, who may
// still be looking at a page when kcsync has gone on.
func saw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: saw TEXT")
	}
	var seen []byte
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		seen, _ = os.ReadFile(ts.Getenv("SEEN"))
		if strings.Contains(string(seen), args[0]) {
			return
		}
		if strings.Contains(string(seen), "error: ") {
			break
		}
	}
	ts.Fatalf("the person did not see %q, but:\n%s", args[0], seen)
}
