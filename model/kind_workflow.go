package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var workflow = &Kind{
	Name:   "workflow",
	Doc:    "Steps that the server takes with a user when something happens, or some time after.",
	Class:  "WorkflowRepresentation",
	Since:  "26.5",
	Folder: "workflows",
	// Without its Accept header the server would answer in YAML, and max=-1 is
	// an error 500.
	Places:  []Place{{Path: "workflows", Page: 100, In: "workflows", Right: RealmAdmin}},
	Key:     "name",
	Item:    "workflows/{id}",
	Feature: "WORKFLOWS",
	Fields: Fields{
		str("name").required(),
		boolean("enabled").def(true),
		str("on").names("providers/workflow-event").split(eventNames).doc("The events that start it."),
		str("if").names("providers/workflow-condition").split(conditionNames).doc("A condition that users have to meet."),
		object("schedule", str("after").takes(Value{Like: duration.Like, Unlike: noTime, Want: duration.Want + ", above 0", Filled: true}), integer("batch-size")),
		object("concurrency",
			str("cancel-in-progress").names("providers/workflow-event").split(eventNames),
			str("restart-in-progress").names("providers/workflow-event").split(eventNames)),
		objectList("steps",
			str("uses").required().names("providers/workflow-step"),
			str("after").takes(duration),
			field("with", SetDict), // the server keeps no order
			str("id").computed(),
			integer("scheduled-at").computed(),
			str("status").computed(),
		).ofNew(),
		str("id").computed(),
		anything("state").computed(),
	},
	Check: checkWorkflow,
}

// checkWorkflow finds the expressions that the server cannot read, and steps
// that lead nowhere.
func checkWorkflow(o Object) []Problem {
	var out []Problem
	expression := func(v any, pointer string) {
		if s, ok := v.(string); ok {
			if _, wrong := parseExpression(s); wrong != "" {
				out = append(out, Problem{Pointer: pointer, Summary: fmt.Sprintf("%s %s: %s", strings.Join(Segments(pointer), "."), shown(s), wrong),
					Detail: "write names, each with or without one argument in parentheses, joined by and, or, not and parentheses"})
			}
		}
	}
	expression(o["on"], "/on")
	expression(o["if"], "/if")
	concurrency, _ := mapOf(o["concurrency"])
	for _, key := range Keys(concurrency) {
		expression(concurrency[key], Pointer("concurrency", key))
	}
	steps, declared := o["steps"].([]any)
	if declared && len(steps) == 0 {
		out = append(out, Problem{Pointer: "/steps", Summary: "a workflow needs a step"})
	}
	var of [2]string // the first step about users, and about clients
	for i, e := range steps {
		step, _ := mapOf(e)
		uses, _ := step["uses"].(string)
		at := Pointer("steps", strconv.Itoa(i))
		switch {
		case uses == "restart":
			if summary := restartWrong(steps, i, step); summary != "" {
				out = append(out, Problem{Pointer: at, Summary: summary})
			}
		case strings.HasSuffix(uses, "-client"):
			of[1] = uses
		case strings.HasSuffix(uses, "-user"):
			of[0] = uses
		}
		if of[0] != "" && of[1] != "" {
			out = append(out, Problem{Pointer: at, Summary: of[0] + " is about users, and " + of[1] + " about clients: a workflow is about one of the two"})
			of = [2]string{}
		}
	}
	return out
}

// restartWrong says why the server would not begin again at a step.
func restartWrong(steps []any, i int, step map[string]any) string {
	with, _ := mapOf(step["with"])
	position := 0
	if l := asList(with["position"]); len(l) == 1 && l[0] != nil {
		n, ok := wholeNumber(l[0])
		if !ok {
			if _, later := l[0].(Reference); later {
				return ""
			}
			return "position of step restart must be a whole number"
		}
		position = int(n)
	}
	later := func(e any) bool {
		s, _ := mapOf(e)
		after, ok := textOf(s["after"]).(string)
		return s["after"] != nil && (!ok || after != "" && !noTime.MatchString(after))
	}
	switch {
	case i != len(steps)-1:
		return "restart must be the last step"
	case position < 0 || position > i:
		return fmt.Sprintf("restart begins again at step %d, which there is not: steps count from 0", position)
	case !slices.ContainsFunc(steps[position:], later):
		return "restart would go on for ever: no step from there on has after"
	}
	return ""
}

// parseExpression returns the names in an expression, and why it is none.
func parseExpression(text string) (names []string, wrong string) {
	depth, complete := 0, false // whether it could end here
	for rest := strings.TrimLeft(text, " \t\r\n"); rest != ""; rest = strings.TrimLeft(rest, " \t\r\n") {
		word := expressionWord.FindString(rest)
		switch {
		case word == "" && rest[0] == '(' && !complete:
			depth, rest = depth+1, rest[1:]
		case word == "" && rest[0] == ')' && complete && depth > 0:
			depth, rest = depth-1, rest[1:]
		case word == "" && rest[0] == '!' && !complete:
			rest = rest[1:]
		case word == "":
			return nil, "there should be no " + shown(rest[:1])
		case strings.EqualFold(word, "and") || strings.EqualFold(word, "or"):
			if !complete {
				return nil, "nothing stands before " + word
			}
			complete, rest = false, rest[len(word):]
		case complete:
			return nil, "there is neither and nor or before " + word
		case strings.EqualFold(word, "not"):
			rest = rest[len(word):]
		default:
			names, complete, rest = append(names, word), true, strings.TrimLeft(rest[len(word):], " \t\r\n")
			if strings.HasPrefix(rest, "(") {
				argument := expressionArgument.FindString(rest)
				if argument == "" {
					return nil, "a ( is not closed"
				}
				rest = rest[len(argument):]
			}
		}
	}
	switch {
	case depth > 0:
		return nil, "a ( is not closed"
	case !complete && strings.TrimSpace(text) != "":
		return nil, "it ends too early"
	}
	return names, ""
}

var (
	noTime             = regexp.MustCompile(`(?i)^\+?(0+(ms|[smhd])?|P0D|PT0[HMS])$`)
	expressionWord     = regexp.MustCompile(`^[\p{L}_][\p{L}0-9_/-]*`)
	expressionArgument = regexp.MustCompile(`(?s)^\((\\.|[^\\)])*\)`)
)

// conditionNames returns the conditions that an expression names.
func conditionNames(text string) []Part {
	names, _ := parseExpression(text)
	var out []Part
	for _, name := range names {
		out = append(out, Part{Name: name})
	}
	return out
}

// eventNames returns the events that an expression names, in the spelling of the
// server's list. Whether a workflow is started again can also be a truth value.
func eventNames(text string) []Part {
	if text == "true" || text == "false" {
		return nil
	}
	out := conditionNames(text)
	for i := range out {
		out[i].Name = strings.ReplaceAll(strings.ToLower(out[i].Name), "_", "-")
	}
	return out
}
