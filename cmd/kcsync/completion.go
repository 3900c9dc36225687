package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kcsync/kcsync/catalogue"
)

const (
	completionFlag = "--generate-bash-completion" // the library's own word
	completionWord = "KCSYNC_COMPLETE"            // holds the word that is being written
)

// completionScripts make shells ask kcsync how a command line may go on.
var completionScripts = map[string]string{
	"bash": `_kcsync() {
  local cur=${COMP_WORDS[COMP_CWORD]} words
  words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  local IFS=$'\n'
  COMPREPLY=($(compgen -W "$(` + completionWord + `=$cur "${words[@]}" ` + completionFlag + ` 2>/dev/null)" -- "$cur"))
  [[ ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o bashdefault -o default -F _kcsync kcsync
`,
	"zsh": `#compdef kcsync
_kcsync() {
  local cur=${words[CURRENT]} line=("${(@)words[1,CURRENT-1]}")
  local answers=("${(@f)$(` + completionWord + `=$cur "${line[@]}" ` + completionFlag + ` 2>/dev/null)}")
  [[ -n $answers ]] || { _files; return }
  compadd -S '' -- ${(M)answers:#*/}
  compadd -- ${answers:#*/}
}
compdef _kcsync kcsync
`,
	"fish": `function __kcsync
  set -l cur (commandline -ct)
  set -l line (commandline -opc)
  set -l answers (` + completionWord + `=$cur $line ` + completionFlag + ` 2>/dev/null)
  if test -n "$answers"
    printf '%s\n' $answers
  else
    __fish_complete_path $cur
  end
end
complete -c kcsync -f -a '(__kcsync)'
`,
}

func completionCommand(s *streams) *cli.Command {
	return &cli.Command{
		Name:        "completion",
		Usage:       "print a script that completes command lines in a shell",
		ArgsUsage:   "bash|zsh|fish",
		Description: "For bash: source <(kcsync completion bash), best in ~/.bashrc; for zsh likewise in ~/.zshrc, behind compinit;\nfor fish: kcsync completion fish | source.",
		BashComplete: func(*cli.Context) {
			for shell := range completionScripts {
				fmt.Fprintln(s.out, shell)
			}
		},
		Action: func(c *cli.Context) error {
			script, ok := completionScripts[c.Args().First()]
			if !ok || c.NArg() != 1 {
				return exit{exitInvalid, fmt.Errorf("name the shell: kcsync completion bash, zsh or fish")}
			}
			_, err := fmt.Fprint(s.out, script)
			return err
		},
	}
}

// completes makes a command, and those below it, tell how a command line may go
// on: with its flags where one is being written, and else with commands below
// it, or what it says itself.
func completes(s *streams, cmd *cli.Command) {
	words, below := cmd.BashComplete, slices.Clone(cmd.Subcommands) // the library adds help to them
	if words == nil {
		words = func(*cli.Context) {
			for _, sub := range below {
				fmt.Fprintln(s.out, sub.Name)
			}
		}
	}
	cmd.BashComplete = func(c *cli.Context) {
		if !strings.HasPrefix(os.Getenv(completionWord), "-") {
			words(c)
			return
		}
		for _, f := range cmd.VisibleFlags() {
			fmt.Fprintln(s.out, "--"+f.Names()[0])
		}
	}
	for _, sub := range cmd.Subcommands {
		completes(s, sub)
	}
}

// completePath prints how a request to the server may go on: methods, then the
// addresses that the catalogue knows.
func completePath(c *cli.Context, s *streams) {
	switch c.NArg() {
	case 0:
		for _, m := range append(slices.Clone(methods), "call", "list") {
			fmt.Fprintln(s.out, m)
		}
	case 1:
		word, cut := os.Getenv(completionWord), ""
		if !strings.HasPrefix(word, "/") {
			cut = catalogue.RealmPath + "/"
		}
		for _, p := range catalogue.For("").Next(strings.ToUpper(c.Args().First()), cut+word) {
			fmt.Fprintln(s.out, strings.TrimPrefix(p, cut))
		}
	}
}
