-- A parser and a printer of JSON: reads a document and writes it again.
-- Objects hold their keys in order beside their members, as the other languages' hashes do by themselves.
local ROUNDS = 800
local sub, byte = string.sub, string.byte

local NULL = {}
local OBJECT = {}

local Parser = {}
Parser.__index = Parser

function Parser.new(text)
  return setmetatable({ text = text, at = 1, c = sub(text, 1, 1) }, Parser)
end

function Parser:advance()
  self.at = self.at + 1
  if self.at <= #self.text then self.c = sub(self.text, self.at, self.at) else self.c = "" end
end

function Parser:skip_blanks()
  while self.c == " " do self:advance() end
end

function Parser:word(length, value)
  for i = 1, length do self:advance() end
  return value
end

function Parser:number()
  local sign = 1
  if self.c == "-" then
    sign = -1
    self:advance()
  end
  local value = 0
  while self.c >= "0" and self.c <= "9" do
    value = value * 10 + byte(self.c) - 48
    self:advance()
  end
  return sign * value
end

function Parser:string()
  self:advance()
  local result = ""
  while self.c ~= '"' do
    if self.c == "\\" then self:advance() end
    result = result .. self.c
    self:advance()
  end
  self:advance()
  return result
end

function Parser:array()
  local result = {}
  self:advance()
  self:skip_blanks()
  while self.c ~= "]" do
    result[#result + 1] = self:value()
    if self.c == "," then self:advance() end
    self:skip_blanks()
  end
  self:advance()
  return result
end

function Parser:object()
  local keys = {}
  local members = {}
  self:advance()
  self:skip_blanks()
  while self.c ~= "}" do
    local key = self:string()
    self:skip_blanks()
    self:advance()
    if members[key] == nil then keys[#keys + 1] = key end
    members[key] = self:value()
    if self.c == "," then self:advance() end
    self:skip_blanks()
  end
  self:advance()
  return { kind = OBJECT, keys = keys, members = members }
end

function Parser:value()
  self:skip_blanks()
  local result = NULL
  if self.c == "{" then result = self:object()
  elseif self.c == "[" then result = self:array()
  elseif self.c == '"' then result = self:string()
  elseif self.c == "t" then result = self:word(4, true)
  elseif self.c == "f" then result = self:word(5, false)
  elseif self.c == "n" then result = self:word(4, NULL)
  else result = self:number() end
  self:skip_blanks()
  return result
end

local write

local function quote(text)
  local result = '"'
  for i = 1, #text do
    local c = sub(text, i, i)
    if c == '"' or c == "\\" then result = result .. "\\" end
    result = result .. c
  end
  return result .. '"'
end

local function write_array(a)
  local result = "["
  for i = 1, #a do
    if i > 1 then result = result .. ", " end
    result = result .. write(a[i])
  end
  return result .. "]"
end

local function write_object(o)
  local result = "{"
  local keys = o.keys
  for i = 1, #keys do
    if i > 1 then result = result .. ", " end
    result = result .. quote(keys[i]) .. ": " .. write(o.members[keys[i]])
  end
  return result .. "}"
end

function write(value)
  if value == NULL then return "null" end
  if value == true then return "true" end
  if value == false then return "false" end
  local kind = type(value)
  if kind == "string" then return quote(value) end
  if kind == "table" and value.kind ~= OBJECT then return write_array(value) end
  if kind == "table" then return write_object(value) end
  return "" .. value
end

local function make_document(count)
  local text = "["
  for i = 0, count - 1 do
    if i > 0 then text = text .. ", " end
    text = text .. '{"id": ' .. i .. ', "name": "item \\"' .. i * 7 .. '\\"", "tags": ["a' .. i % 3 .. '", "b", []], '
    text = text .. '"size": {"x": ' .. i * i .. ', "y": -' .. i + 1 .. '}, "ok": ' .. tostring(i % 2 == 0) .. ', "next": null}'
  end
  return text .. "]"
end

local document = make_document(20)
local checksum = 0
for round = 0, ROUNDS - 1 do
  local written = write(Parser.new(document):value())
  if written == document then checksum = checksum + #written end
end
print(checksum)
