import { Readable } from 'node:stream'
import { readCsv } from '../../../src/features/provisioning-request/csv'

/** What is read of a text, given in pieces of this many bytes. */
async function read(text: string | Buffer, pieceLength = 7): Promise<[line: number, cells: string[] | null][]> {
  const bytes = Buffer.from(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, index) =>
    bytes.subarray(index * pieceLength, (index + 1) * pieceLength),
  )
  const rows: [number, string[] | null][] = []
  for await (const { line, cells } of readCsv(Readable.from(pieces))) rows.push([line, cells])
  return rows
}

describe('a CSV file', () => {
  it.each([1, 2, 3, 1000])('is the same in pieces of %i bytes', async pieceLength => {
    expect(await read('\uFEFFname,ort\r\nZoë,"Łódź, PL"\r\n\r\n  \r\n"O""Neill" , 🙂\r\nAnna,', pieceLength)).toEqual([
      [1, ['name', 'ort']],
      [2, ['Zoë', 'Łódź, PL']],
      [5, ['O"Neill', '🙂']],
      [6, ['Anna', '']],
    ])
  })

  it('is empty when there is nothing in it', async () => {
    expect(await read('')).toEqual([])
    expect(await read('\uFEFF\n\n')).toEqual([])
  })

  it('may have cells that go on over lines; the row counts where it ends', async () => {
    expect(await read('a,b\n"one\n\ntwo",x\nc,"d\r\ne"\nf,g')).toEqual([
      [1, ['a', 'b']],
      [4, ['one\n\ntwo', 'x']],
      [6, ['c', 'd\ne']],
      [7, ['f', 'g']],
    ])
  })

  it.each([
    ['text after a closing quote', '"x" y,b'],
    ['text right after a closing quote', '"x"y,b'],
    ['a quote inside a cell', '5" pipe,b'],
    ['two quotes inside a cell', 'the "best" pipe,b'],
    ['a quote that is never closed', '"x,b'],
    ['a quote that is closed a few lines later by chance', '"x,b\nc,d\n"e,f'],
  ])('loses no row but the one with %s', async (_, wrong) => {
    const rows = await read(`a,b\n${wrong}\nlast but one,"1"\nlast,"2"\n`)
    expect(rows.filter(([, cells]) => cells === null).length).toBe(wrong.includes('\n') ? 2 : 1)
    expect(rows.filter(([, cells]) => cells !== null).map(([, cells]) => cells?.[0])).toEqual(
      wrong.includes('\n') ? ['a', 'c', 'last but one', 'last'] : ['a', 'last but one', 'last'],
    )
  })

  it('loses no row to a quote that is never closed, however long the file', async () => {
    const rows = await read(['a,b', '"x,b', ...Array.from({ length: 500 }, (_, index) => `${index},"y"`)].join('\n'), 100)
    expect(rows).toHaveLength(502)
    expect(rows.filter(([, cells]) => cells === null)).toEqual([[2, null]])
    expect(rows.at(-1)).toEqual([502, ['499', 'y']])
  })

  it('is told from what is no text', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536, 'x')
      })(),
    )
    await expect(readCsv(endless).next()).rejects.toThrow('The file has a line of more than 100000 characters; it is no CSV file.')
  })

  it('loses nothing after a carriage return that is no end of a line', async () => {
    expect(await read('a,b\rc,d\n')).toEqual([[1, ['a', 'b\rc', 'd']]])
  })

  it('shows bytes that are not UTF-8', async () => {
    expect(await read(Buffer.from([0x61, 0xe9, 0x2c, 0x62]))).toEqual([[1, ['a\uFFFD', 'b']]])
  })
})
